"""From verdicts to the report."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from llmops.chaos.experiments.checks.base import make_check
from llmops.chaos.experiments.evidence import Evidence
from llmops.chaos.experiments.result import About, Ran, report_of
from llmops.chaos.experiments.verdict import Expectation, judge
from llmops.errors import ExitCode
from llmops.renderers.html import Html
from llmops.renderers.json import Json
from llmops.renderers.md import Md
from llmops.renderers.text import Text
from llmops.report import Report

ABOUT = About(datetime(2026, 11, 26, tzinfo=UTC), datetime(2026, 11, 26, 0, 2, tzinfo=UTC), "0.2.0", {"system": "x"}, 7)
SCHEMA = json.loads(files("llmops").joinpath("report.schema.json").read_text(encoding="utf-8"))


def ran(run: Evidence, name: str = "outage", **more: Any) -> Ran:
    checks = [Expectation(each, make_check(each)) for each in ("functional_success", "laundered")]
    return Ran(judge(replace(run, scenario=name), checks), replace(run, scenario=name), **more)


def laundering(make: Any) -> Evidence:
    """10 of 40."""
    run: Evidence = make.changed(make.evidence(), lambda one: replace(one, text="") if int(one.id[1:]) < 10 else one)
    return run


def report(*runs: Ran) -> Report:
    return report_of(runs, ABOUT)


def test_the_worst_verdict_is_that_of_the_report(make: Any) -> None:
    good, bad, void = ran(make.evidence()), ran(laundering(make), "cut"), ran(make.evidence(requests=()), "void")
    for runs, word, code in [
        ([good], "PASS", ExitCode.PASS),
        ([good, void], "INVALID", ExitCode.NO_DATA),
        ([good, void, bad], "FAIL", ExitCode.FAILED),
        ([], "INVALID", ExitCode.NO_DATA),
    ]:
        verdict = report(*runs).verdict
        assert verdict is not None
        assert (verdict.word, verdict.exit_code) == (word, code)


def test_it_says_how_many_of_each(make: Any) -> None:
    verdict = report(ran(make.evidence()), ran(laundering(make), "cut")).verdict
    assert verdict is not None
    assert verdict.because == "2 scenarios: 1 PASS, 1 FAIL"


def test_a_scenario_carries_what_it_stands_on(make: Any) -> None:
    (found,) = report(ran(laundering(make), title="Cut streams")).scenarios
    assert (found.name, found.title, found.verdict) == ("outage", "Cut streams", "FAIL")
    assert found.outcomes == {"laundered": 10, "rescued": 30}
    assert (found.receipts.expected, found.receipts.fired, found.receipts.on_user_requests) == (40, 40, 40)
    assert found.times.first_receipt == datetime.fromtimestamp(make.ZERO + 10.01, UTC)
    laundered = found.checks[1]
    assert (laundered.name, laundered.verdict, laundered.n, laundered.value) == ("laundered", "FAIL", 40, 0.25)
    assert (laundered.limit, laundered.side, laundered.unit) == (0.0, "at_most", "ratio")
    assert laundered.examples == ("o0", "o1", "o2")
    assert found.usd is None
    assert found.timeline is not None


def test_metrics_are_ratios_of_the_requests_under_fault_with_their_intervals(make: Any) -> None:
    found = {metric.name: metric for metric in report(ran(laundering(make))).metrics}
    laundered = found["laundered_ratio"]
    assert (laundered.value, laundered.n, laundered.numerator, laundered.denominator) == (0.25, 40, 10, 40)
    assert laundered.scope == {"scenario": "outage"}
    assert laundered.interval is not None and laundered.interval.level == 0.95  # noqa: PT018
    assert found["mean_attempts"].value == 2.0
    assert found["time_to_detect_s"].value == 0.09  # 10.1 - 10.01
    assert found["scenario_cost_usd"].value is None


def test_of_a_run_that_cannot_be_read_nothing_is_measured(make: Any) -> None:
    broken = replace(make.evidence(), phases=())
    found = {metric.name: metric.value for metric in report(ran(broken)).metrics}
    assert set(found.values()) == {None}


def test_a_difference_from_what_was_expected_is_named(make: Any) -> None:
    differs, same = ran(laundering(make), expected="PASS"), ran(laundering(make), "cut", expected="FAIL")
    findings = [finding.text for finding in report(differs, same).findings if finding.level == "fail"]
    assert findings == ["outage: PASS was expected, and it is FAIL"]


def test_every_other_reason_of_an_invalid_run_is_a_finding(make: Any) -> None:
    run = make.evidence(requests=())
    found = [finding.text for finding in report(ran(run)).findings if finding.level == "warn"]
    assert "outage: baseline unhealthy: 0 requests, 10 are needed" in found


def test_a_failure_shows_the_first_request_of_each_bad_outcome(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, text="") if one.id in {"o3", "o4"} else one)
    run = make.changed(run, lambda one: replace(one, status=502, text="") if one.id == "r5" else one, "recovery")
    (table,) = [each for each in report(ran(run)).tables if each.name == "examples"]
    assert [list(row) for row in table.rows] == [
        ["outage", "laundered", "outage", "o3", "status 200 and an empty answer", "the true answer of 81 characters"],
        ["outage", "clean error", "recovery", "r5", "status 502", "the true answer of 81 characters"],
    ]
    assert "examples" not in [each.name for each in report(ran(make.evidence())).tables]


@pytest.mark.parametrize("renderer", [Text, Md, Html])
def test_the_example_stands_in_every_format(make: Any, renderer: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, text="") if one.id == "o3" else one)
    shown = renderer().render(report(ran(run)))
    assert "What was wrong" in shown
    assert "o3" in shown


def test_what_was_not_measured_is_said(make: Any) -> None:
    plain = report(ran(make.evidence())).not_covered
    assert "What it cost was not measured: outage." in plain
    assert not any("known truth" in line for line in plain)
    real = report(ran(make.changed(make.evidence(), lambda one: replace(one, truth=None)))).not_covered
    assert any("no known truth" in line for line in real)


def test_the_cost_is_that_of_all_attempts(make: Any) -> None:
    def price_of(*, output_tokens: int, **_: Any) -> Decimal:
        return Decimal(output_tokens) / 1000

    (found,) = report(ran(replace(make.evidence(), price_of=price_of))).scenarios
    assert found.usd == Decimal("1.6")  # 80 answers of 20 tokens; 40 refusals cost nothing


def test_every_renderer_can_show_it_and_the_json_keeps_to_the_schema(make: Any) -> None:
    whole = report(ran(make.evidence()), ran(laundering(make), "cut"), ran(make.evidence(requests=()), "void"))
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(json.loads(Json().render(whole)))
    for page in (Text().render(whole), Md().render(whole), Html().render(whole)):
        assert "outage" in page
        assert "laundered" in page


def test_what_users_and_models_said_is_not_in_it(make: Any) -> None:
    whole = report(ran(laundering(make)))
    for page in (Json().render(whole), Html().render(whole), Text().render(whole)):
        assert "Report 0badcafe" not in page
        assert "Who are you?" not in page


def test_an_invalid_run_shows_nowhere_that_anything_passes(make: Any) -> None:
    """In words for people: `would pass`; for programs: INVALID, and the reason says what it would have been."""
    made = report(ran(replace(make.evidence(), broke_off="it was interrupted")))
    for renderer in (Text(), Md(), Html(), Json()):
        assert "PASS" not in renderer.render(made).replace(".PASS, .BUY", "")  # but for the style of a page
    (table,) = [table for table in made.tables if table.name == "checks"]
    assert [row[2] for row in table.rows] == ["would pass", "would pass"]
    assert [check.verdict for check in made.scenarios[0].checks] == ["INVALID", "INVALID"]
    assert made.scenarios[0].checks[0].reason.startswith("would pass: 40 of 40 requests")
