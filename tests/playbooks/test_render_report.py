"""What a page says, as a result."""

from collections.abc import Callable

from llmops.playbooks.inputs import Given
from llmops.playbooks.render_report import report_of
from llmops.playbooks.results.schema import Result
from llmops.playbooks.shelf import Template

HEAD = """\
inputs:
  verdict: {from: verdict, what: x}
  mean_attempts: {from: metric, what: x}
  scenarios: {from: scenarios, what: x}
  ttft_p95_s: {from: metric, what: time to the first token, optional: true}
  url: {from: set, type: word, default: a, what: x}
"""


def test_it_lists_every_value_with_source_and_date(
    make_template: Callable[[str, str], Template], result: Result
) -> None:
    given = Given([result], today=result.dated)
    found = report_of(make_template(HEAD, ""), given, started_at=result.finished_at, tool_version="0.1.0")
    assert [row[:3] for row in found.tables[0].rows] == [
        ("verdict", "PASS: 1 scenario: 1 PASS", "chaos-run in run.json"),
        ("mean_attempts of scenario provider-down", "2 attempts (100 samples)", "chaos-run in run.json"),
        ("scenarios", "provider-down: PASS. 6 of 6 expectations hold", "chaos-run in run.json"),
        ("url", "a", "stated by --set"),
        ("owner", "ann", "stated"),
        ("last_exercised", "2025-11-25", "stated"),
    ]
    assert [*found.not_covered] == ["ttft_p95_s: not measured: time to the first token"]
    assert [(each.name, each.dated) for each in found.sources] == [("run.json", result.dated)]
