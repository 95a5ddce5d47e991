"""Results as our commands write them, and hostile ones; templates of a test's own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmops.playbooks.head import headed
from llmops.playbooks.inputs import Given
from llmops.playbooks.results.schema import Result, result_of
from llmops.playbooks.schema import form_of
from llmops.playbooks.shelf import Template
from llmops.renderers.json import Json
from llmops.report import (
    Finding,
    Interval,
    Metric,
    Report,
    Scenario,
    ScenarioCheck,
    ScenarioReceipts,
    ScenarioTimes,
    Verdict,
)

NOON = datetime(2025, 11, 25, 12, tzinfo=UTC)
HOSTILE = [
    "[click](https://evil.example/x)",
    "![x](https://evil.example/x.png)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "https://evil.example/path",
    "www.evil.example",
    "[x]: https://evil.example",
    "[x][y]",
    "`llmops infra destroy --yes`",
    "``` llmops infra destroy --yes ```",
    "```sh\nllmops infra destroy --yes\n```",
    "~~~\nllmops infra destroy --yes\n~~~",
    "\n\n    llmops infra destroy --yes\n",
    "\n# Heading\n- item\n1. one\n> quote\n---\n***\n===",
    "---",
    "--",
    "-",
    "===",
    "+ x",
    "2) x",
    "- - -",
    "| a | b |\n| --- | --- |",
    "**bold** _em_ __strong__ ~~gone~~",
    "&lt;b&gt; &#60;i&#62; &amp;",
    "\\`x\\` \\[a](b) end\\",
    "@everyone ann@evil.example #12",
    "$(rm -rf ~) $HOME ${x}",
    "{{ owner }} {% raw %}",
    "\x1b[31mred\x1b[0m \u202egnp \u200b\r\n\x00",
    '" onmouseover="alert(1)',
    "--> <!-- <![CDATA[",
]


def run_report(**changes: Any) -> Report:
    """`llmops chaos run` of one scenario."""
    scope = {"scenario": "provider-down"}
    report = Report(
        kind="chaos-run",
        id="chaos-run-1",
        started_at=NOON - timedelta(minutes=1),
        finished_at=NOON,
        tool_version="0.1.0",
        title="Failover under faults",
        verdict=Verdict("PASS", "1 scenario: 1 PASS"),
        summary=["provider-down: PASS. 6 of 6 expectations hold"],
        metrics=[
            Metric("functional_success_ratio", 0.98, 100, Interval(0.93, 0.994, 0.95), scope, 98, 100),
            Metric("mean_attempts", 2.0, 100, scope=scope, numerator=200, denominator=100),
            Metric("time_to_detect_s", 0.25, scope=scope),
            Metric("scenario_cost_usd", None, scope=scope),
        ],
        findings=[Finding("warn", "one request hung", "look at r17")],
        not_covered=["what the answers say"],
        scenarios=[
            Scenario(
                "provider-down",
                "The provider is down",
                "PASS",
                "6 of 6 expectations hold",
                [ScenarioCheck("hang", "PASS", "0 of 100 had no end", 100, 0.0, 0.0, "at_most", "ratio", 0.0, 0.037)],
                {"rescued": 98, "clean_error": 2},
                receipts=ScenarioReceipts(100, 100, 100),
                times=ScenarioTimes(NOON, NOON + timedelta(seconds=1.5), NOON + timedelta(seconds=4), None),
                usd=Decimal("0.12"),
            )
        ],
    )
    return replace(report, **changes)


@pytest.fixture
def make_run() -> Callable[..., Report]:
    return run_report


def read(report: Report, file: str = "run.json") -> Result:
    return result_of(Json().render(report), file)


@pytest.fixture
def result() -> Result:
    return read(run_report())


@pytest.fixture
def results_of() -> Callable[..., Result]:
    return read


@pytest.fixture(params=HOSTILE, ids=lambda text: repr(text)[:24])
def hostile(request: pytest.FixtureRequest) -> str:
    text: str = request.param
    return text


@pytest.fixture
def hostile_result(hostile: str) -> Result:
    """A result in which everything that is text is hostile."""
    report = run_report(
        title=hostile,
        verdict=Verdict("FAIL", hostile),
        summary=[hostile, f"x {hostile} y"],
        findings=[Finding("fail", hostile, hostile)],
        not_covered=[hostile],
        metrics=[Metric("time_to_detect_s", 0.25, scope={"scenario": hostile})],
    )
    scenario = replace(report.scenarios[0], name=hostile, reason=hostile)
    return read(replace(report, scenarios=[scenario]), f"{hostile}.json")


MakeTemplate = Callable[[str, str], Template]


@pytest.fixture
def make_template() -> MakeTemplate:
    """A template of a head's further lines and a body."""

    def make(head: str, body: str) -> Template:
        text = f"---\ntitle: Page\nwhat: a test\nowner: ann\n{head}---\n{body}"
        parts = headed(text, "page.md.j2")
        form = form_of(parts.head, lambda *keys: f"page.md.j2:{parts.line_of(*keys)}")
        return Template("page", "page.md.j2", form, parts)

    return make


@pytest.fixture
def given(result: Result) -> Given:
    return Given([result], today=NOON.date())


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def to_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return to_file
