"""The clock of a phase, with a time that the test moves."""

from collections.abc import Iterator

from llmops.chaos.gameday.pace import Pace, paced
from llmops.chaos.load.plan import PlannedCall


class Time:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def call(name: str, at_s: float) -> PlannedCall:
    return PlannedCall(at_s=at_s, request_id=name, dialect="openai_chat", path="/", model="m", stream=False, body=b"")


def fillers() -> Iterator[PlannedCall]:
    number = 0
    while True:
        yield call(f"filler{number}", 0.0)
        number += 1


def begun(time: Time, *, elapsed_s: float = 0.0, first: int = 0) -> tuple[Pace, Iterator[PlannedCall], list[str]]:
    sent: list[str] = []
    pace = Pace(elapsed_s, now=time)
    calls = iter([call(f"c{number}", float(number)) for number in range(6)])
    told = paced(pace, calls, fillers(), first=first, every_s=1.0, sent=lambda each, *_: sent.append(each.request_id))
    return pace, told, sent


def test_undisturbed_every_call_is_due_when_it_was_planned() -> None:
    _, told, sent = begun(Time())
    assert [(each.request_id, each.at_s) for each in told] == [(f"c{n}", float(n)) for n in range(6)]
    assert sent == [f"c{n}" for n in range(6)]


def test_while_it_stands_fillers_go_out_and_afterwards_all_is_as_much_later() -> None:
    time = Time()
    pace, told, sent = begun(time)
    assert [next(told).request_id for _ in range(2)] == ["c0", "c1"]
    time.at = 101.0
    pace.pause()
    assert pace.was_paused(101.0)
    assert not pace.was_paused(100.9)
    assert (next(told).request_id, next(told).request_id) == ("filler0", "filler1")
    time.at = 104.0
    assert pace.phase_s == 1.0
    assert pace.go_on() == (101.0, 104.0)
    after = next(told)
    assert (after.request_id, after.at_s) == ("c2", 5.0)
    assert sent == ["c0", "c1", "c2"]
    assert not pace.was_paused(104.0)


def test_taken_up_it_goes_on_with_the_next_call_of_the_remaining_time() -> None:
    pace, told, _ = begun(Time(), elapsed_s=2.0, first=3)
    assert [(each.request_id, each.at_s) for each in told] == [("c3", 1.0), ("c4", 2.0), ("c5", 3.0)]
    assert pace.phase_s == 2.0


def test_over_is_over() -> None:
    pace, told, _ = begun(Time())
    next(told)
    pace.is_over = True
    assert list(told) == []
