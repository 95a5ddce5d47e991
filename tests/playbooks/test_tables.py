"""Tables that templates call for."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from llmops.errors import BadInput
from llmops.playbooks.inputs import Given, values_of
from llmops.playbooks.results.schema import Result
from llmops.playbooks.shelf import Template
from llmops.playbooks.tables import figures, moments, table
from llmops.playbooks.values import Missing
from llmops.report import Column, Report, Table

SOURCE = "chaos-run in run.json | 2025-11-25"


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
        f"| provider-down | PASS | after 1.5 s | after 4 s | not measured | 0.12 USD | {SOURCE} |"
    )
    assert moments(Missing()) == "Not measured: no result has scenarios."


@pytest.mark.parametrize("table", [moments, lambda given: figures(x=given)])
def test_another_input_is_refused(table: object, result: Result, make_template: object) -> None:
    given = values(result, make_template)
    wrong = given["mean_attempts"] if table is moments else given["scenarios"]
    for each in (wrong, "text", 3):
        with pytest.raises(TypeError, match="takes"):
            table(each)  # type: ignore[operator]


def test_a_table_of_a_result_is_shown_as_it_is_with_its_source(
    make_run: Callable[..., Report], results_of: Callable[..., Result], make_template: Callable[..., Template]
) -> None:
    columns = [Column("what", "What | <b>"), Column("s", "After", "s"), Column("usd", "Cost", "usd")]
    timeline = Table("timeline", "Timeline", columns, [("it *broke*", 0.5, Decimal("1.50")), ("seen", None, None)])
    run = results_of(make_run(tables=[timeline, Table("other", "Other", columns, [])]))
    template = make_template("inputs:\n  timeline: {from: table, what: x}\n", "")
    found = values_of(template, Given([run]))["timeline"]
    assert table(found).splitlines() == [
        "| What &#124; &#60;b&#62; | After | Cost |",
        "| --- | --- | --- |",
        "| it &#42;broke&#42; | 0.5 | 1.50 |",
        "| seen | – | – |",
        "",
        "Source: chaos-run in run.json, 2025-11-25.",
    ]
    assert str(found) == "Timeline: 2 rows (chaos-run in run.json, 2025-11-25)"
    assert table(Missing()) == "Not measured: no result has it."


def test_a_table_without_rows_is_none(
    make_run: Callable[..., Report], results_of: Callable[..., Result], make_template: Callable[..., Template]
) -> None:
    run = results_of(make_run(tables=[Table("timeline", "Timeline", [Column("a", "A")], [])]))
    template = make_template("inputs:\n  it: {from: table, table: timeline, what: x}\n", "")
    with pytest.raises(BadInput, match="asks for the table timeline, and none of the 1 results has it"):
        values_of(template, Given([run]))
