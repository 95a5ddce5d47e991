"""The journal of a run in the shape of Chaos Toolkit's, for `chaos report` and whatever else reads those."""

import platform
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from llmops import __version__
from llmops.chaos.experiments.chaostoolkit.engine import Item, Played, traceback_of
from llmops.chaos.experiments.chaostoolkit.verdict import Verdict, has_deviated
from llmops.chaos.experiments.redaction import HIDDEN, NAME_OF_A_SECRET, redacted

Redact = Callable[[str], str]


def journal_of(
    data: Mapping[str, Any], played: Played, verdict: Verdict, *, redact: Redact, node: str = ""
) -> dict[str, Any]:
    """The journal of a Chaos Toolkit experiment that was played here; no secret gets in."""
    ended_at = played.ended_at or played.began_at
    journal = {
        **opening(without_secrets(data), played.began_at, node),
        "status": _status(played, verdict),
        "deviated": has_deviated(played),
        "steady_states": {
            "before": _state(played.of("before")), "after": _state(played.of("after")), "during": [],
        },
        "run": [*map(_run, played.of("method"))],
        "rollbacks": [*map(_run, played.of("rollbacks"))],
        **closing(played.began_at, ended_at, verdict.word, verdict.reason),
    }  # fmt: skip
    return guarded(journal, redact)


def opening(experiment: Mapping[str, Any], began_at: datetime, node: str = "") -> dict[str, Any]:
    """How such a journal begins."""
    return {
        "chaoslib-version": f"llmops {__version__}",  # it was none of theirs
        "platform": platform.platform(),
        "node": node or platform.node(),
        "experiment": experiment,
        "start": _stamp(began_at),
    }


def closing(began_at: datetime, ended_at: datetime, word: str, reason: str) -> dict[str, Any]:
    """How it ends: with what they do not have, too."""
    return {
        "end": _stamp(ended_at),
        "duration": (ended_at - began_at).total_seconds(),
        "llmops": {"verdict": word, "reason": reason},
    }


def run_item(  # noqa: PLR0913 - each is given by name
    activity: Mapping[str, Any],
    began_at: datetime,
    ended_at: datetime,
    *,
    output: object = None,
    failure: str = "",
    exception: Iterable[str] = (),
    met: bool | None = None,
) -> dict[str, Any]:
    """One activity as their journals tell it."""
    item: dict[str, Any] = {
        "activity": activity,
        "output": output,
        "start": _stamp(began_at),
        "status": "failed" if failure else "succeeded",
        "end": _stamp(ended_at),
        "duration": (ended_at - began_at).total_seconds(),
    }
    if failure:
        item["exception"] = [*exception] or [failure]
    return item if met is None else {**item, "tolerance_met": met}


def guarded(journal: dict[str, Any], redact: Redact) -> dict[str, Any]:
    """The journal as plain JSON, with what is secret hidden: by value, by look, and by the name of a header."""
    shown: dict[str, Any] = redacted(_hidden(plain(journal)), redact)
    return shown


def plain(value: Any) -> Any:  # noqa: ANN401 - any output
    """The same as JSON has it; what it has not becomes text."""
    try:
        return orjson.loads(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS))
    except (TypeError, ValueError):  # numbers beyond 64 bits, halves of characters, circles
        if isinstance(value, Mapping):
            return {str(name): plain(each) for name, each in value.items()}
        return ascii(value)


def without_secrets(data: Mapping[str, Any]) -> dict[str, Any]:
    """The experiment with the values hidden that stand in its section of secrets."""
    secrets = data.get("secrets")
    return {**data, "secrets": _inline_hidden(secrets)} if secrets else dict(data)


def _inline_hidden(value: Any) -> Any:  # noqa: ANN401 - what the file holds
    if isinstance(value, Mapping):
        return dict(value) if "type" in value else {name: _inline_hidden(each) for name, each in value.items()}
    return HIDDEN


def _hidden(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Texts under the name of a secret are hidden, unless they only name one."""
    if isinstance(value, list):
        return [_hidden(each) for each in value]
    if not isinstance(value, Mapping) or value.get("type") == "env":
        return value
    return {name: HIDDEN if _is_secret(name, each) else _hidden(each) for name, each in value.items()}


def _is_secret(name: str, value: object) -> bool:
    return isinstance(value, str) and not value.startswith("${") and NAME_OF_A_SECRET.search(name) is not None


def _run(item: Item) -> dict[str, Any]:
    return run_item(
        item.activity.data,
        item.began_at,
        item.ended_at or item.began_at,
        output=item.output,
        failure=item.failure,
        exception=traceback_of(item.error),
        met=item.met,
    )


def _state(items: list[Item]) -> dict[str, Any] | None:
    if not items:
        return None
    return {"steady_state_met": all(item.met for item in items), "probes": [*map(_run, items)]}


def _status(played: Played, verdict: Verdict) -> str:
    """As theirs where both mean the same; a run that proves nothing is never `completed`."""
    if played.interrupted:
        return "interrupted"
    after_failed = any(item.failure for item in played.of("after"))
    return "failed" if verdict.word == "INVALID" or after_failed else "completed"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
