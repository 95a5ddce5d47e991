"""What a result says is told from a report and from its file alike; a file that cannot be used says nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmops.chaos.testing.stated_verdict import Stated, stated_verdict
from llmops.errors import ExitCode, NoData, UnknownName
from llmops.renderers import renderers
from llmops.report import Report, Scenario, ScenarioCheck, ScenarioReceipts, Verdict

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
CHECK = ScenarioCheck("answered", "PASS", "50 of 50", 50, 1.0, 0.9, "at_least", "ratio")
FIRED = ScenarioReceipts(50, 50, 50)
SCENARIOS = [
    Scenario("stream-cut", "A stream is cut", "PASS", "1 of 1 expectations hold", [CHECK], {"rescued": 50}, FIRED),
    Scenario(
        "bad-200", "HTML as 200", "FAIL", "answered: 3 of 50", [replace(CHECK, verdict="FAIL")], {"laundered": 47}
    ),
]
REPORT = Report(
    kind="chaos-run",
    id="chaos-run-1",
    started_at=NOW,
    finished_at=NOW,
    tool_version="0",
    title="Failover under faults",
    verdict=Verdict("FAIL", "2 scenarios: 1 PASS, 1 FAIL", exit_code=ExitCode.FAILED),
    scenarios=SCENARIOS,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "result.json").write_text(renderers.get("json")().render(REPORT), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("scenario", "stated"),
    [
        (None, Stated("FAIL", "2 scenarios: 1 PASS, 1 FAIL")),
        ("stream-cut", Stated("PASS", "1 of 1 expectations hold")),
        ("bad-200", Stated("FAIL", "answered: 3 of 50")),
    ],
)
def test_a_report_its_file_and_its_folder_say_the_same(folder: Path, scenario: str | None, stated: Stated) -> None:
    for result in (REPORT, folder, folder / "result.json", str(folder / "result.json")):
        assert stated_verdict(result, scenario) == stated


def test_a_scenario_that_is_not_there_is_named_with_the_nearest(folder: Path) -> None:
    for result in (REPORT, folder):
        with pytest.raises(UnknownName, match="the result has no scenario 'stream-cat'") as caught:
            stated_verdict(result, "stream-cat")
        assert caught.value.hint == "did you mean 'stream-cut'?"


def test_a_result_without_a_verdict_says_nothing() -> None:
    with pytest.raises(NoData, match="a result of bill has no verdict"):
        stated_verdict(replace(REPORT, kind="bill", verdict=None))


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda text: text[: len(text) // 2], "no JSON"),
        (lambda text: text.replace('"schema_version": 1', '"schema_version": 2'), "schema version 2"),
        (lambda text: text.replace('"word": "FAIL"', '"word": "PASS"'), "contradicts itself"),
        (lambda _: "", "is empty"),
        (lambda _: json.dumps({"verdict": {"word": "PASS"}}), "names no schema_version"),
    ],
)
def test_a_file_that_cannot_be_used_says_nothing(folder: Path, damage: Callable[[str], str], why: str) -> None:
    file = folder / "result.json"
    file.write_text(damage(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(NoData, match=why):
        stated_verdict(file)


def test_a_missing_file_says_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoData, match="is missing"):
        stated_verdict(tmp_path)
