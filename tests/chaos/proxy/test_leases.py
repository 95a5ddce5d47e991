"""Leases on a clock that is a number."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.leases import DEFAULT_LEASE_S, Leases
from llmops.errors import BadInput


class Desk:
    """Leases, their clock, what they journalled, and what expired."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.said: list[tuple[Any, ...]] = []
        self.ended: list[str] = []
        self.changes = 0
        journal = Journal(None)
        journal.listeners.append(self._hear)
        self.leases = Leases(lambda: self.now_s, journal)
        self.leases.on_change = self._changed

    def _hear(self, line: Any) -> None:
        assert line["kind"] == "lease"
        self.said.append((line["what"], line["of"]))

    def _changed(self) -> None:
        self.changes += 1

    def grant(self, of: str, ttl_s: float | None) -> None:
        self.leases.grant(of, ttl_s, lambda: self.ended.append(of))

    def expire_at(self, now_s: float) -> list[str]:
        self.now_s = now_s
        self.leases.expire()
        return self.ended


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_lease_ends_at_its_moment_and_not_before(desk: Desk) -> None:
    desk.grant("a", 60)
    assert desk.leases.left_s("a") == 60
    assert desk.expire_at(159.999) == []
    assert desk.expire_at(160) == ["a"]
    assert desk.said == [("granted", "a"), ("expired", "a")]
    assert desk.expire_at(1000) == ["a"]  # once


def test_who_renews_goes_on(desk: Desk) -> None:
    desk.grant("a", 60)
    desk.now_s = 150
    desk.leases.renew("a")
    assert desk.leases.next_expiry_s() == 210  # 150 + 60
    desk.leases.renew("a", 5)
    assert desk.leases.next_expiry_s() == 155
    assert desk.expire_at(155) == ["a"]


def test_what_has_expired_cannot_be_renewed(desk: Desk) -> None:
    desk.grant("a", 60)
    desk.now_s = 160
    with pytest.raises(BadInput, match="no lease of 'a' to renew"):
        desk.leases.renew("a")
    assert desk.ended == ["a"]  # asking was enough to end it


def test_what_is_taken_away_in_time_does_not_expire(desk: Desk) -> None:
    desk.grant("a", 60)
    desk.leases.end("a")
    desk.leases.end("a")
    assert desk.expire_at(1000) == []
    assert desk.said == [("granted", "a"), ("ended", "a")]


def test_for_ever_is_for_ever_and_stays_so_when_renewed(desk: Desk) -> None:
    desk.grant("a", None)
    desk.leases.renew("a")
    assert desk.leases.left_s("a") is None
    assert desk.leases.next_expiry_s() == float("inf")
    assert desk.expire_at(1e12) == []


def test_the_next_expiry_is_the_earliest(desk: Desk) -> None:
    assert desk.leases.next_expiry_s() == float("inf")
    desk.grant("a", 60)
    desk.grant("b", 10)
    assert desk.leases.next_expiry_s() == 110
    assert desk.expire_at(110) == ["b"]
    assert desk.leases.next_expiry_s() == 160


@pytest.mark.parametrize("ttl_s", [0, -1, float("inf"), float("nan")])
def test_a_time_that_is_none_is_refused_when_granted_and_when_renewed(desk: Desk, ttl_s: float) -> None:
    with pytest.raises(BadInput, match="a lease of"):
        desk.grant("a", ttl_s)
    desk.grant("a", 60)
    with pytest.raises(BadInput, match="a lease of"):
        desk.leases.renew("a", ttl_s)
    assert desk.leases.left_s("a") == 60


def test_a_lease_may_begin_another_when_it_ends(desk: Desk) -> None:
    again: Callable[[], None] = lambda: desk.grant("a", 5)  # noqa: E731 - passed on
    desk.leases.grant("a", 60, again)
    desk.expire_at(160)
    assert desk.leases.next_expiry_s() == 165


def test_each_change_is_told_to_who_sets_the_alarm(desk: Desk) -> None:
    desk.grant("a", 60)
    desk.leases.renew("a")
    desk.leases.end("a")
    assert desk.changes == 3


def test_the_default_is_ten_minutes() -> None:
    assert Leases(lambda: 0.0, Journal(None)).default_s == DEFAULT_LEASE_S == 600
