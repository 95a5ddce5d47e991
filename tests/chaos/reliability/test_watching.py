from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from llmops.chaos.reliability.breaker import Settings
from llmops.chaos.reliability.quality import Sampler
from llmops.chaos.reliability.replay import BadSpan
from llmops.chaos.reliability.trace import Reading
from llmops.chaos.reliability.watching import LATE_S, Seen, Watcher, follow


def wire(at_s: float, *, status: int = 200, provider: str = "openai", **more: Any) -> bytes:
    base: dict[str, Any] = {
        "schema_version": 1,
        "kind": "wire",
        "at": datetime.fromtimestamp(at_s, UTC).isoformat(),
        "provider": provider,
        "dialect": "openai_chat",
        "ended": "complete",
        "status": status,
        "upstream_status": status,
        "duration_s": 0.0,
        "complete": True,
        "finish_reason": "stop",
        "text_characters": 10,
    }
    return orjson.dumps({**base, **more})


def receipt(at_s: float, provider: str = "openai") -> bytes:
    at = datetime.fromtimestamp(at_s, UTC).isoformat()
    return orjson.dumps({"schema_version": 1, "kind": "receipt", "at": at, "provider": provider, "applied": True})


def watcher() -> Watcher:
    return Watcher(Settings(), Reading(Sampler()))


def fed(watch: Watcher, *lines: bytes) -> list[tuple[str, str, float]]:
    return [(seen.provider, seen.transition.state, seen.transition.at_s) for line in lines for seen in watch.take(line)]


def test_each_provider_has_a_breaker_of_its_own() -> None:
    watch = watcher()
    lines = [line for at in range(20) for line in (wire(at, status=503), wire(at, provider="azure"))]
    assert fed(watch, *lines) == [("openai", "open", 19.0)]
    assert [(seen.provider, seen.transition.state) for seen in watch.tick(49.0)] == [("openai", "half_open")]


def test_quality_by_the_wire_record_opens_it_where_there_are_no_bodies() -> None:
    """Answers that stop in the middle: 60 good ones, then bad ones; the baseline is 1, the limit 0.85."""
    watch = watcher()
    good = [wire(at) for at in range(61)]
    bad = [wire(at, finish_reason="length") for at in range(61, 121)]
    assert fed(watch, *good) == []
    ((provider, state, at_s),) = fed(watch, *bad)[:1]
    # k bad of 60: the mean is 1 − k/60, its error √(k/60 · (1 − k/60)) / √60. k = 14: 0.7667 + 1.645 · 0.0546 = 0.8565;
    # k = 15: 0.75 + 1.645 · 0.0559 = 0.8420, under 0.85: the 15th bad one, at 75.
    assert (provider, state, at_s) == ("openai", "open", 75.0)


def test_lines_that_are_no_request_change_nothing_and_are_counted() -> None:
    watch = watcher()
    assert fed(watch, b"", b"  ", b"{half", b'{"at": 1}', receipt(1), wire(2, dialect=None)) == []
    assert watch.rejected == {"no line of a journal": 2}
    assert watch.set_aside == {"a receipt of the journal": 1, "no request to a model": 1}


def test_a_record_without_a_time_is_rejected() -> None:
    watch = watcher()
    assert fed(watch, wire(1).replace(b'"at"', b'"when"')) == []
    assert watch.rejected == {"`at` is no time": 1}


def test_applied_faults_say_when_a_provider_was_bad() -> None:
    watch = watcher()
    fed(watch, *(receipt(at) for at in (10, 20, 30, 200, 210, 220, 230)), receipt(99, "azure"))
    assert watch.spans("openai") == (BadSpan(10, 30, 60.0), BadSpan(200, 230, 60.0))
    assert watch.spans("azure") == (BadSpan(99, 99, 60.0),)
    assert watch.spans("gemini") is None
    assert len(watch.faults["openai"]) == 4  # the ends of two stretches, however many receipts


def test_following_goes_round_until_it_is_stopped() -> None:
    """One round of lines, then time passes: the breaker becomes half open by the clock alone."""
    watch, seen, rounds = watcher(), list[Seen](), [0]
    now = [0.0]

    def lines() -> Iterator[bytes]:
        rounds[0] += 1
        if rounds[0] == 1:
            yield from (wire(at, status=503) for at in range(20))

    def sleep(_s: float) -> None:
        now[0] += 10.0

    follow(lines, watch, seen.append, stopped=lambda: rounds[0] >= 8, now=lambda: now[0], sleep=sleep)
    assert [(one.transition.state, one.transition.at_s) for one in seen] == [("open", 19.0), ("half_open", 49.0)]
    assert LATE_S < 10  # so that one round of the clock is enough


def test_it_stops_in_the_middle_of_a_long_file() -> None:
    watch, taken = watcher(), list[bytes]()

    def lines() -> Iterator[bytes]:
        for at in range(1000):
            line = wire(at)
            taken.append(line)
            yield line

    follow(lines, watch, lambda _seen: None, stopped=lambda: len(taken) >= 5)
    assert len(taken) == 5
