"""A load that somebody may stop."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from llmops.chaos.load import foreground
from llmops.chaos.load.foreground import run_in_foreground
from llmops.chaos.load.plan import LoadPlan, PlannedCall
from llmops.chaos.load.record import CallRecord
from llmops.errors import OutsideFailed

Call = Callable[..., PlannedCall]


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of one who lets you in and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_and_calls_under_way_are_recorded(planned: Call, silent: str, number: signal.Signals) -> None:
    records: list[CallRecord] = []

    def endless() -> Iterator[PlannedCall]:
        for at in range(1000):
            if at == 5:
                os.kill(os.getpid(), number)
            yield planned(at / 100)

    before = signal.getsignal(number)
    why = run_in_foreground(LoadPlan(base_url=silent, calls=endless()), records.append, lambda _: None)
    assert why.startswith(f"stopped by {number.name} after ")
    assert records
    assert {record.transport_error for record in records} == {"cancelled"}
    assert signal.getsignal(number) == before


def test_a_run_that_is_over_did_not_end_early(planned: Call, silent: str) -> None:
    records: list[CallRecord] = []
    shown: list[str] = []
    plan = LoadPlan(base_url=silent, calls=[planned(0.0)], deadline_s=0.05)
    assert run_in_foreground(plan, records.append, shown.append) == ""
    assert [record.transport_error for record in records] == ["timeout"]
    assert shown == ["1 call, 1 of them failed"]


def test_nobody_there_is_found_out_before_anything_is_sent(planned: Call) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        why = run_in_foreground(LoadPlan(base_url=url, calls=[planned(0.0)]), unexpected, lambda _: None)
    assert why == f"{url} does not answer: Connection refused."


def unexpected(record: CallRecord) -> None:
    raise AssertionError(f"{record} was sent")


def opener(open_it: Callable[[], Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    return lambda _opener, _protocol: open_it()


def test_a_name_that_nobody_has_failed_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody() -> None:  # uvloop has a resolver of its own
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("llmops.chaos.load.pool.Opener.__call__", opener(nobody))
    with pytest.raises(OutsideFailed, match="cannot be found: Name or service not known"):
        run_in_foreground(LoadPlan(base_url="http://h.invalid", calls=[]), unexpected, lambda _: None)


def test_one_who_never_lets_you_in_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("llmops.chaos.load.pool.Opener.__call__", opener(never))
    monkeypatch.setattr(foreground, "REACH_S", 0.05)
    why = run_in_foreground(LoadPlan(base_url="http://127.0.0.1:1", calls=[]), unexpected, lambda _: None)
    assert why == "http://127.0.0.1:1 does not answer: no connection within 0.05 s."
