"""What a provider answered to one attempt, and what a gateway should make of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from llmops.chaos.reliability.answer import Answer, read_answer
from llmops.chaos.reliability.facts import finish_kinds
from llmops.chaos.wire.dialect import Dialect

Fate = Literal["good", "retry", "next", "caller"]
"""Pass it on; ask the same provider again; ask the next one; or it is the caller's own fault."""

SUCCESS = 200
OF_THE_CALLER = frozenset({400, 413, 422})
AGAIN = frozenset({408, 409, 425, 429, 529})
FIRST_SERVER_ERROR = 500


@dataclass(frozen=True)
class Reply:
    """An answer as far as it came."""

    status: int | None = None  # None: no head came
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    broke: Literal["", "connect", "timeout", "cut"] = ""

    @property
    def retry_after_s(self) -> float | None:
        """What it tells to wait, where it is a number of seconds."""
        try:
            seconds = float(self.headers.get("retry-after", ""))
        except ValueError:
            return None
        return seconds if 0 < seconds < float("inf") else None


def fate_of(reply: Reply, dialect: Dialect, model: str | None) -> Fate:
    """What becomes of a reply to a request for this model."""
    if reply.status is None or reply.broke:
        return "retry"
    if reply.status == SUCCESS:
        return "next" if problem_of(reply, dialect, model) else "good"
    if reply.status in OF_THE_CALLER:
        return "caller"
    if reply.status in AGAIN or reply.status >= FIRST_SERVER_ERROR:
        return "next" if b"insufficient_quota" in reply.body else "retry"
    return "next"


def problem_of(reply: Reply, dialect: Dialect, model: str | None) -> str:
    """Why a 200 is no answer to pass on; empty: it is one. What is short and says so is an answer."""
    answer = read_answer(dialect, reply.body)
    kinds = {finish_kinds(dialect.name).get(word, "unknown") for word in answer.finishes.values()}
    problems = {
        "an error": answer.is_error,
        "damaged": bool(answer.damage) or not answer.is_json,
        "cut": not answer.finishes or (answer.streamed and not answer.terminated),
        "aborted": "abort" in answer.finishes.values(),  # vLLM's word for a request that it dropped
        "withheld": bool(kinds & {"withheld", "broken", "unknown"}) and not answer.refusals,
        "empty": kinds == {"whole"} and not (answer.text.strip() or answer.tools or answer.refusals),
        "broken arguments": not all(map(_is_json, (tool.arguments for tool in answer.tools))),
        "another model": model is not None and not all(_is_named(name, model) for name in answer.models),
    }
    return next((problem for problem, holds in problems.items() if holds), "")


def told(reply: Reply, dialect: Dialect) -> Answer:
    """What was said as far as it came: events that are whole."""
    return read_answer(dialect, reply.body)


def _is_json(arguments: str | Mapping[str, object]) -> bool:
    if not isinstance(arguments, str):
        return True
    try:
        json.loads(arguments)
    except ValueError:
        return False
    return True


def _is_named(name: str, model: str) -> bool:
    """The model's own name, or the same with a date behind it."""
    return name == model or name.startswith(f"{model}-2")
