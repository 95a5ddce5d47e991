from llmops.chaos.experiments.abort import Watch
from llmops.chaos.experiments.schema import Abort


def said(answers: list[bool], *conditions: Abort) -> list[str]:
    watch = Watch(conditions)
    return [watch.saw(success=good) for good in answers]


def test_a_run_stops_when_too_few_of_the_last_requests_succeed() -> None:
    reasons = said([True, False, False, False, False], Abort(functional_success_below=0.25, over_requests=4))
    assert reasons[:4] == ["", "", "", ""]  # 1 of 4 is a quarter, and not below it
    assert reasons[4] == "0 of the last 4 requests succeeded, and the run stops below 0.25"


def test_fewer_requests_than_the_window_stop_nothing() -> None:
    assert said([False] * 3, Abort(functional_success_below=1.0, over_requests=4)) == ["", "", ""]


def test_what_is_long_ago_is_forgotten() -> None:
    reasons = said([False] * 3 + [True] * 3 + [False], Abort(functional_success_below=0.5, over_requests=4))
    assert [bool(reason) for reason in reasons] == [False, False, False, True, False, False, False]


def test_without_conditions_nothing_stops() -> None:
    assert not any(said([False] * 100))
