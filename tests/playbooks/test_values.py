"""What templates write: with unit, certainty, source and date."""

from datetime import date, timedelta
from typing import Any

import pytest

from llmops.playbooks.results.schema import Metric, Result, Times
from llmops.playbooks.values import NOT_MEASURED, Figure, Many, Missing, Origin, Played, Said, Word, with_unit

RUN = Origin("chaos-run in run.json", date(2025, 11, 25))


def metric(**changes: Any) -> Metric:
    return Metric(
        **{"name": "ttft_p95_s", "value": 0.5, "n": None, "interval": None, "scope": {}, "unit": "s", **changes}
    )


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.5, "s", "0.5 s"),
        (0.98, "ratio", "98.0 %"),
        (12, "usd", "12.00 USD"),
        (3, "days", "3 days"),
        (5.5, "per_second", "5.5 a second"),
    ],
)
def test_a_number_has_its_unit(value: float, unit: str, text: str) -> None:
    assert with_unit(value, unit) == text


def test_a_figure_says_how_certain_it_is_and_who_says_so() -> None:
    interval = {"low": 0.25, "high": None, "level": 0.95}
    figure = Figure(metric(interval=interval, n=1, scope={"model": "a"}), RUN)
    assert (figure.what, figure.value, figure.certainty) == (
        "ttft_p95_s of model a",
        "0.5 s",
        "95 %: 0.25 to open; 1 sample",
    )
    assert str(figure) == "model a: 0.5 s (95 %: 0.25 to open; 1 sample; chaos-run in run.json, 2025-11-25)"


def test_what_was_not_measured_is_said() -> None:
    assert str(Figure(metric(value=None), RUN)) == "not measured (chaos-run in run.json, 2025-11-25)"
    assert str(Missing()) == NOT_MEASURED
    assert (bool(Missing()), [*Missing()]) == (False, [])


def test_several_are_written_in_one_line_or_each() -> None:
    many = Many([Said("a", RUN), Said("b")])
    assert str(many) == "a (chaos-run in run.json, 2025-11-25); b"
    assert (len(many), [str(each) for each in many][1]) == (2, "b")


def test_moments_count_from_the_first_fault(result: Result) -> None:
    played = Played(result.scenarios[0], RUN)
    assert (played.after("detected"), played.after("mitigated")) == ("1.5 s", "4 s")
    assert played.after("recovered") == NOT_MEASURED
    assert played.cost == "0.12 USD"


def test_without_a_fault_no_moment_is_known(result: Result) -> None:
    times = result.scenarios[0].times
    later = Times(first_receipt=None, detected=times.detected, mitigated=None, recovered=None)
    scenario = result.scenarios[0].model_copy(update={"times": later, "usd": None})
    assert Played(scenario, RUN).after("detected") == NOT_MEASURED
    assert Played(scenario, RUN).cost == NOT_MEASURED
    assert times.detected is not None
    assert times.first_receipt == times.detected - timedelta(seconds=1.5)


def test_a_word_is_a_text() -> None:
    assert Word("a") == "a"
