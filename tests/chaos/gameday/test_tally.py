"""Attempts, hits and cost from lines of a proxy's journal; what nobody can price is never zero."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from llmops.chaos.gameday.tally import Spent, Tally


def wire(
    call: int, *, tokens: int | None = 10, status: int = 200, at: str = "2026-11-26T10:00:00.000000Z"
) -> dict[str, Any]:
    return {
        "kind": "wire", "at": at, "run": "a", "provider": "primary", "call": call, "route": "/v1/chat/completions",
        "dialect": "openai_chat", "request_id": f"r{call}", "followed_by": "header", "model_asked": "gpt-4o",
        "model_answered": "gpt-4o", "stream": False, "request_bytes": 9, "status": status, "upstream_status": status,
        "ended": "complete", "duration_s": 0.1, "input_tokens": tokens, "output_tokens": tokens,
    }  # fmt: skip


def receipt(call: int, *, applied: bool = True) -> dict[str, Any]:
    return {
        "kind": "receipt", "at": "2026-11-26T10:00:00.000000Z", "run": "a", "provider": "primary", "call": call,
        "injection": "outage", "fault": "unavailable", "request_id": f"r{call}", "applied": applied,
    }  # fmt: skip


def dime(**_: object) -> Decimal:
    return Decimal("0.10")


def test_each_attempt_is_counted_and_priced_once() -> None:
    tally = Tally(dime)
    tally.take([wire(1), wire(2)])
    tally.take([wire(3)])
    assert tally.spent == Spent(Decimal("0.30"), 3, 0, Decimal("0.10"))
    assert tally.attempts_since(datetime.fromisoformat("2026-11-26T09:59:59Z").timestamp()) == 3


def test_what_was_not_measured_is_taken_for_the_dearest_where_a_cap_asks() -> None:
    tally = Tally(dime)
    tally.take([wire(1), wire(2, tokens=None)])
    assert tally.spent.known_usd == Decimal("0.10")
    assert tally.spent.unmeasured == 1
    assert tally.spent.at_most_usd == Decimal("0.20")
    assert tally.spent.over(0.2) == ""
    assert "1 attempts of unknown cost taken for the dearest" in tally.spent.over(0.19)


def test_where_nothing_can_be_priced_a_cap_stops_the_run() -> None:
    tally = Tally(dime)
    tally.take([wire(1, tokens=None)])
    assert tally.spent.at_most_usd is None
    assert "cannot be told" in tally.spent.over(100)
    assert Tally(None).spent.known_usd is None


def test_hits_are_those_that_were_applied_since_a_moment() -> None:
    tally = Tally(None)
    tally.take([receipt(1), receipt(2, applied=False), receipt(3)])
    at = datetime.fromisoformat("2026-11-26T10:00:00Z").timestamp()
    assert tally.hits_since(("primary", "outage"), at) == 2
    assert tally.hits_since(("primary", "outage"), at + 1) == 0
    assert tally.hits_since(("backup", "outage"), at) == 0
