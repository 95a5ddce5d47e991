"""What is said reaches the phase that is under way; where nobody can listen any more, the run stops."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.gameday.conductor import RUNNING, Conductor
from llmops.chaos.gameday.holding import Holding, _Ears
from llmops.chaos.gameday.kept_requests import KeptRequests
from llmops.chaos.gameday.loader import load_plan, steps_of
from llmops.chaos.gameday.past import Past
from llmops.chaos.gameday.run_folder import About, RunFolder
from llmops.chaos.gameday.snapshot import Snapshot
from llmops.chaos.gameday.tally import Tally
from llmops.chaos.gameday.words import Word, say
from llmops.errors import OutsideFailed

Write = Callable[..., Path]


@pytest.fixture
def conductor(plan_file: Write, tmp_path: Path) -> Iterator[Conductor]:
    kept = KeptRequests(tmp_path / "requests.jsonl")
    yield Conductor(load_plan(plan_file()), Past(), kept, Tally(lambda **_: Decimal(1)))
    kept.close()


def test_a_pause_lasts_until_it_goes_on(conductor: Conductor) -> None:
    conductor.hear(Word(1.0, "pause"))
    assert conductor.wishes.paused
    conductor.hear(Word(2.0, "note", "still standing"))
    assert conductor.wishes.paused
    conductor.hear(Word(3.0, "go_on"))
    assert not conductor.wishes.paused


def test_only_a_phase_that_is_under_way_can_be_skipped(conductor: Conductor) -> None:
    conductor.hear(Word(1.0, "skip"))
    assert not conductor.wishes.skipped
    conductor.doing = RUNNING
    conductor.hear(Word(2.0, "skip"))
    assert conductor.wishes.skipped


def test_the_first_reason_to_stop_stays(conductor: Conductor) -> None:
    conductor.hear(Word(1.0, "abort", "a customer calls"))
    conductor.stop("it has cost too much")
    assert conductor.wishes.stopped == "aborted by the operator: a customer calls"


def listened(plan: Path, folder: RunFolder, conductor: Conductor, rounds_s: float) -> list[Snapshot]:
    shown: list[Snapshot] = []
    about = About(str(plan), "t", "2026-11-26T10:00:00+00:00", blind=True)
    loaded = load_plan(plan)
    ears = _Ears(Holding(loaded, steps_of(loaded), folder, about, None, shown.append), conductor, 0.0)

    async def listen() -> None:
        task = asyncio.create_task(ears.listen())
        await asyncio.wait([task], timeout=rounds_s)
        task.cancel()

    asyncio.run(listen())
    ears.close()
    return shown


def test_words_are_heard_and_every_round_is_shown(plan_file: Write, tmp_path: Path, conductor: Conductor) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    with folder.held():
        say(folder, "pause")
    shown = listened(plan_file(), folder, conductor, 0.35)
    assert conductor.wishes.paused
    assert conductor.wishes.stopped == ""
    assert len(shown) >= 2
    assert all(shot.blind and shot.paused for shot in shown)


def test_a_cap_without_prices_stops_the_run(plan_file: Write, tmp_path: Path, conductor: Conductor) -> None:
    conductor.tally = Tally(None)
    listened(plan_file(), RunFolder(tmp_path), conductor, 0.35)
    assert conductor.wishes.stopped == "what the attempts cost cannot be told, and the run stops over 5 USD"


def test_a_journal_that_cannot_be_read_stops_the_run(plan_file: Write, tmp_path: Path, conductor: Conductor) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    folder.proxy.write_bytes(b'{"kind": "receipt"}\n')
    listened(plan_file(), folder, conductor, 0.35)
    assert conductor.wishes.stopped.startswith("the run could not be followed any more: KeyError")


def test_a_port_that_is_taken_ends_a_new_run_at_once(plan_file: Write, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        loaded = load_plan(plan_file(("primary: {simulate: openai", f"primary: {{port: {port}, simulate: openai")))
        about = About("day.yaml", "t", "2026-11-26T10:00:00+00:00")
        holding = Holding(loaded, steps_of(loaded), RunFolder(tmp_path), about, None, lambda _: None)
        began = time.monotonic()
        with pytest.raises(OutsideFailed, match=f"port {port} is in use"):
            asyncio.run(holding.hold())
        assert time.monotonic() - began < 5


def whole(number: int, phase: str) -> UserRequest:
    at = 100.0 + number
    return UserRequest(f"{phase}-{number}", phase, at, at, at + 0.1, 5.0, "openai_chat", "/", b"", False)


def test_what_callers_saw_before_a_kill_is_shown_with_what_they_see_since(
    plan_file: Write, tmp_path: Path, conductor: Conductor
) -> None:
    told = [whole(0, "baseline"), *(whole(each, "broken") for each in range(1, 5))]
    conductor.past.kept.aside["broken-4"] = "paused"
    loaded = load_plan(plan_file())
    about = About("day.yaml", "t", "2026-11-26T10:00:00+00:00")
    holding = Holding(loaded, steps_of(loaded), RunFolder(tmp_path), about, None, lambda _: None)
    ears = _Ears(holding, conductor, 0.0)
    ears.catch_up(told)
    ears.close()
    assert list(conductor.recent) == told
    step = next(each for each in steps_of(loaded).steps if each.name == "broken")
    assert [each.id for each in conductor.seen_before(step)] == ["broken-1", "broken-2", "broken-3"]
