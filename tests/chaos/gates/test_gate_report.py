"""The report of the gates."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import llmops.report
from llmops.chaos.gates.gate_report import report_of
from llmops.chaos.gates.grammar import condition_of
from llmops.chaos.gates.loader import Gate, GateFile
from llmops.chaos.gates.results.reading import Unusable, Usable
from llmops.chaos.gates.rows import judged
from llmops.renderers.json import Json
from llmops.report import Report

Reported = Callable[..., Report]


@pytest.fixture
def reported(make: SimpleNamespace, usable: Callable[..., Usable]) -> Reported:
    """The report of these gates on a good run, and on what else is given."""

    def report(*texts: str, also: Any = (), baselines: Any = (), **more: Any) -> Report:
        gates = tuple(Gate(text, condition_of(text), line=2 + at) for at, text in enumerate(texts))
        file = GateFile("g.yaml", gates, **more)
        results = [usable(make.run(), "run.json"), *also]
        judgment = judged(file, results, baselines, make.now.date())
        return report_of(judgment, started_at=make.now, finished_at=make.now, tool_version="0.1.0")

    return report


def test_all_that_hold_pass(reported: Reported) -> None:
    report = reported("laundered == 0", "storm == 0")
    assert report.verdict is not None
    assert (report.verdict.word, report.verdict.because, report.exit_code) == ("PASS", "2 PASS, and nothing fails.", 0)
    assert report.summary[0] == "2 gates on 1 of 1 result: 2 PASS."


def test_a_fail_goes_before_an_invalid(reported: Reported) -> None:
    report = reported("ttft_p95_s < 1", "attempts_per_request <= 1")
    assert report.verdict is not None
    assert (report.verdict.word, report.exit_code) == ("FAIL", 1)
    assert report.verdict.because == (
        "attempts_per_request <= 1: mean_attempts is 2 attempts on 80 samples: at most 1 attempts does not hold"
        " (and 1 more, see below)."
    )


def test_an_invalid_goes_before_a_pass(reported: Reported) -> None:
    report = reported("laundered == 0", "ttft_p95_s < 1")
    assert report.verdict is not None
    assert (report.verdict.word, report.exit_code) == ("INVALID", 3)
    assert report.verdict.because == "ttft_p95_s < 1: no result has ttft_p95_s."


def test_a_file_of_no_use_is_told_though_all_gates_hold(reported: Reported) -> None:
    report = reported("laundered == 0", also=[Unusable("b.json", "b.json is empty")])
    assert report.verdict is not None
    assert (report.verdict.word, report.verdict.because, report.exit_code) == ("INVALID", "b.json is empty.", 3)
    assert (
        report.tables[0].rows[1][-1]
        == "run.json: laundered_ratio is 0 of 80 (interval 0 % to 4.582 %): none at all holds"
    )


def test_the_table_has_what_is_bad_first(reported: Reported) -> None:
    report = reported("laundered == 0", "ttft_p95_s < 1", "attempts_per_request <= 1")
    assert [row[1] for row in report.tables[0].rows] == ["FAIL", "INVALID", "PASS"]


def test_sources_are_dated_and_what_was_not_asked_is_said(reported: Reported, make: SimpleNamespace) -> None:
    report = reported("laundered == 0")
    assert [(each.name, each.dated) for each in report.sources] == [("run.json", make.now.date())]
    assert any("no max_age" in line for line in report.not_covered)


def test_comparisons_are_summed_up(reported: Reported, make: SimpleNamespace, usable: Callable[..., Usable]) -> None:
    before = make.run(id="old", started_at=make.now.replace(day=1), scenarios=[make.scenario(), make.scenario("gone")])
    report = reported("laundered == 0", baselines=[usable(before, "old.json")])
    assert (
        report.summary[1]
        == "Beside old.json: of what was compared, nothing is newly worse; 9 figures are no worse than is tolerated."
    )
    assert [finding.text for finding in report.findings] == ["Only old.json has the scenarios gone."]


def test_it_is_of_the_one_schema(reported: Reported) -> None:
    schema = json.loads(Path(llmops.report.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
    text = Json().render(reported("laundered == 0", "ttft_p95_s < 1"))
    assert not list(Draft202012Validator(schema).iter_errors(json.loads(text)))
