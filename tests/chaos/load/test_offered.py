"""What a load offers, and until when."""

import math

import pytest

from llmops.chaos.load.offered import Limits, offered_by_log, offered_by_rate
from llmops.chaos.load.prompts import Mix
from llmops.errors import BadInput
from llmops.ports import Arrivals

LOG = Arrivals([100.0, 101.0, 104.0], ["a"] * 3, [None] * 3, [5] * 3, [5] * 3, set_aside={"no time": 2})


def moments(limits: Limits, rate: float = 2.0) -> list[float]:
    return [due.at_s for due in offered_by_rate(rate, "constant", shape=1, seed=0, limits=limits).due]


def test_a_load_ends_by_count_or_by_time() -> None:
    assert moments(Limits(count=3)) == [0.0, 0.5, 1.0]
    assert moments(Limits(duration_s=1.0)) == [0.0, 0.5]  # the end is not part of it
    assert moments(Limits(2, 9.0)) == [0.0, 0.5]
    assert moments(Limits(9, 0.6)) == [0.0, 0.5]


def test_a_rate_without_an_end_ends_after_ten_seconds_and_a_log_with_its_last_request() -> None:
    assert len(moments(Limits())) == 20
    replayed = offered_by_log(LOG, "log.jsonl", speed=2, mix=Mix(models={}), limits=Limits())
    assert [due.at_s for due in replayed.due] == [0.0, 0.5, 2.0]
    assert (replayed.in_words, replayed.set_aside) == ("as in log.jsonl, 2 times as fast", {"no time": 2})


def test_a_log_may_be_cut_short() -> None:
    for limits in (Limits(count=2), Limits(duration_s=4.0)):
        replayed = offered_by_log(LOG, "log.jsonl", speed=1, mix=Mix(models={}), limits=limits)
        assert [due.at_s for due in replayed.due] == [0.0, 1.0]


def test_what_is_offered_is_said() -> None:
    said = [offered_by_rate(5, kind, shape=0.5, seed=0, limits=Limits()).in_words for kind in ("poisson", "gamma")]
    assert said == ["5 a second (poisson)", "5 a second (gamma, shape 0.5)"]


@pytest.mark.parametrize("duration_s", [0.0, -1.0, math.inf, math.nan])
def test_a_duration_that_cannot_be_is_refused(duration_s: float) -> None:
    with pytest.raises(BadInput, match="is no time"):
        Limits(duration_s=duration_s)
