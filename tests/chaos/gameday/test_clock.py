"""The clock that stands in gaps: moments behind one come as much sooner, lengths of requests stay."""

import pytest

from llmops.chaos.experiments.evidence import Evidence, Injection, Phase, StateProbe, UserRequest
from llmops.chaos.gameday.clock import Gap, on_the_clock, stood_s

GAPS = (Gap(10.0, 14.0, "paused", "broken"), Gap(20.0, 21.0, "crashed", "broken"))


@pytest.mark.parametrize(("at", "stood"), [(9, 0), (10, 0), (12, 2), (14, 4), (20, 4), (20.5, 4.5), (21, 5), (99, 5)])
def test_it_has_stood_as_long_as_the_gaps_that_have_begun(at: float, stood: float) -> None:
    assert stood_s(at, GAPS) == stood


def asked(at: float) -> UserRequest:
    return UserRequest(
        "r", "broken", at, at + 0.1, at + 3.0, 5.0, "openai_chat", "/v1", b"", False, first_token_at=at + 1
    )


def test_a_request_moves_as_a_whole_also_when_it_ends_inside_a_gap() -> None:
    run = Evidence("day", ("primary",), frozenset(), (), (asked(8.0), asked(15.0), asked(30.0)))
    moved = on_the_clock(run, GAPS).requests
    assert [each.scheduled_at for each in moved] == [8.0, 11.0, 25.0]
    assert [(each.ended_at or 0) - each.sent_at for each in moved] == pytest.approx([2.9, 2.9, 2.9])
    assert [(each.first_token_at or 0) - each.scheduled_at for each in moved] == [1.0, 1.0, 1.0]


def test_a_phase_and_its_fault_are_as_long_as_the_clock_ran() -> None:
    fault = Injection("primary", "down", "unavailable", False, on_at=5.5, off_at=29.5)
    phase = Phase("broken", "inject", 5.0, 30.0, 10, injections=(fault,))
    (moved,) = on_the_clock(Evidence("day", (), frozenset(), (phase,), ()), GAPS).phases
    assert (moved.began_at, moved.ended_at) == (5.0, 25.0)
    assert (moved.injections[0].on_at, moved.injections[0].off_at) == (5.5, 24.5)


def test_what_a_probe_saw_in_a_gap_says_nothing_of_the_fault() -> None:
    probes = tuple(StateProbe("primary", "down", at, True) for at in (9.0, 12.0, 15.0))
    moved = on_the_clock(Evidence("day", (), frozenset(), (), (), state_probes=probes), GAPS).state_probes
    assert [each.at for each in moved] == [9.0, 11.0]


def test_without_gaps_nothing_moves() -> None:
    run = Evidence("day", (), frozenset(), (), (asked(8.0),))
    assert on_the_clock(run, ()) is run
