"""The templates that there are, and what each takes."""

from datetime import UTC, datetime

from llmops.playbooks.list_report import report_of
from llmops.playbooks.shelf import template, templates

NOON = datetime(2025, 11, 25, 12, tzinfo=UTC)


def test_each_has_a_row_with_what_it_needs() -> None:
    found = report_of([*templates(None)], [], at=NOON, tool_version="0.1.0")
    rows = {row[0]: row[1:4] for row in found.tables[0].rows}
    assert rows["post-mortem"] == ("post-mortem", "--set owner, --set incident, verdict of a result", "ours")
    assert rows["provider-outage"] == ("runbook", "--set owner", "ours")


def test_one_that_is_named_tells_its_inputs() -> None:
    found = report_of([], [template("post-mortem", None)], at=NOON, tool_version="0.1.0")
    rows = {row[0]: row[1:3] for row in found.tables[0].rows}
    assert rows["notes"] == ("--set notes=FILE", "not stated")
    assert rows["catalogue_cost_usd"] == ("the metric catalogue_cost_usd of bill", "not measured")
    assert rows["incident"] == ("--set incident", "needed")
