"""Whole answers whose marks say something else: nothing was lost, and a client that goes by the marks may think so."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.outcomes import is_whole
from llmops.chaos.reliability.facts import finish_kinds
from llmops.chaos.wire import sse
from llmops.chaos.wire.json_scan import member, members, parsed

ANOTHER_INDEX = re.compile(rb'"index"\s*:\s*[1-9]')
FINISHED = re.compile(r"[\w.-]{1,40}")


def odd_marks(requests: Iterable[UserRequest]) -> list[str]:
    """A sentence for each oddity, with how many whole answers have it."""
    counts = Counter(odd for request in requests if is_whole(request) for odd in _odd(request))
    return [f"{count} whole answers {odd}" for odd, count in counts.most_common()]


def _odd(request: UserRequest) -> Iterator[str]:
    said = request.finish_reason
    if said is None:
        yield "have no finish reason"
    elif (kind := finish_kinds(request.dialect).get(said, "")) != "whole":
        shown = said if FINISHED.fullmatch(said) else "that is no word"
        yield f"end with the finish reason {shown}, " + (
            f"as if {kind}" if kind else f"which {request.dialect} does not have"
        )
    if request.stream and not request.terminated:
        yield "have no terminal mark"
    if request.dialect == "openai_chat" and not _under_choice_0(request.answer_body or b""):
        yield "stand under another choice than 0, where most clients do not look"


def _under_choice_0(body: bytes) -> bool:
    """True too where no choice has another index, or none says anything."""
    if not ANOTHER_INDEX.search(body):
        return True
    payloads = [parsed(sse.data_of(event)) for event in sse.split_all(body)] if b"data:" in body else [parsed(body)]
    said = [choice for payload in payloads for choice in members(payload, "choices") if _says(choice)]
    return not said or any(not member(choice, "index") for choice in said)


def _says(choice: object) -> bool:
    return any(
        member(choice, holder, part) for holder in ("delta", "message") for part in ("content", "tool_calls", "refusal")
    )
