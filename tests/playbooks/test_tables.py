"""Tables that templates call for."""

import pytest

from llmops.playbooks.inputs import Given, values_of
from llmops.playbooks.results.schema import Result
from llmops.playbooks.shelf import Template
from llmops.playbooks.tables import figures, moments
from llmops.playbooks.values import Missing

SOURCE = "chaos-run in run.json | 2026-11-25"


def values(result: Result, make_template: object) -> dict[str, object]:
    head = "inputs:\n  mean_attempts: {from: metric, what: x}\n  scenarios: {from: scenarios, what: x}\n"
    template: Template = make_template(head, "")  # type: ignore[operator]
    return values_of(template, Given([result]))


def test_each_figure_has_a_row_with_its_source(result: Result, make_template: object) -> None:
    assert figures(
        attempts_per_request=values(result, make_template)["mean_attempts"], cost=Missing()
    ).splitlines() == [
        "| Figure | Value | Certainty | Source | Date |",
        "| --- | --- | --- | --- | --- |",
        f"| attempts per request (scenario provider-down) | 2 attempts | 100 samples | {SOURCE} |",
        "| cost | not measured |  |  |  |",
    ]


def test_each_scenario_has_a_row_with_its_moments(result: Result, make_template: object) -> None:
    assert moments(values(result, make_template)["scenarios"]).splitlines()[2] == (
        f"| provider-down | PASS | 1.5 s | 4 s | not measured | 0.12 USD | {SOURCE} |"
    )
    assert moments(Missing()) == "Not measured: no result has scenarios."


@pytest.mark.parametrize("table", [moments, lambda given: figures(x=given)])
def test_another_input_is_refused(table: object, result: Result, make_template: object) -> None:
    given = values(result, make_template)
    wrong = given["mean_attempts"] if table is moments else given["scenarios"]
    for each in (wrong, "text", 3):
        with pytest.raises(TypeError, match="takes"):
            table(each)  # type: ignore[operator]
