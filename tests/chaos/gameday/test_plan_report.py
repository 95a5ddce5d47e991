from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from llmops.chaos.gameday.expected_load import ExpectedLoad
from llmops.chaos.gameday.loader import load_plan, steps_of
from llmops.chaos.gameday.plan_report import plan_report
from llmops.report import Report

NOW = datetime(2026, 11, 26, tzinfo=UTC)
PRICED = ExpectedLoad(320, 16_000, 15_000, Decimal("0.19"))
Write = Callable[..., Path]


def report(path: Path, load: ExpectedLoad = PRICED) -> Report:
    plan = load_plan(path)
    return plan_report(
        plan.experiment, plan.gameday, steps_of(plan), load, first=["It is written."],
        started_at=NOW, finished_at=NOW, tool_version="0",
    )  # fmt: skip


def test_the_phases_stand_on_the_clock_with_radius_and_burn(plan_file: Write) -> None:
    phases = report(plan_file()).tables[0]
    assert [list(row)[:7] for row in phases.rows] == [
        ["baseline", "0:00", "6 s", 60, None, None, None],
        ["broken", "0:06", "20 s", 200, 1.0, 0.05, 0.05 / (1 - 0.99)],
        ["recovery", "0:26", "6 s", 60, None, None, None],
    ]
    assert phases.rows[1][7:] == ("primary: unavailable", "Watch the attempts.")


def test_the_summary_says_how_long_how_much_and_what_stops_it(plan_file: Write) -> None:
    found = report(plan_file())
    assert found.summary[0] == "It is written."
    said = " ".join(found.summary)
    assert "lasts 32 s" in said
    assert "320 requests, 10 a second, about 16,000 input tokens and 15,000 output tokens" in said
    assert "0.19 USD" in said
    assert "simulated providers charge nothing" in said
    assert "burn over 2 times the expected, or functional success below 0.5, or cost over 5 USD" in said
    assert "Simulated callers only." in said
    assert report(plan_file(("below: 0.5", "below: {broken: 0.4}"))).summary[3].count("below 0.4 in broken") == 1


def test_what_is_not_filled_in_is_told(plan_file: Write) -> None:
    texts = [finding.text for finding in report(plan_file()).findings]
    assert texts == ["to be filled: driver, responders, scribe"]
    filled = plan_file(("{commander: Ada}", "{commander: Ada, driver: Bo, responders: [Ada], scribe: Cy}"))
    assert [finding.text for finding in report(filled).findings] == ["Ada commands and responds"]
    whole = plan_file(("{commander: Ada}", "{commander: Ada, driver: Bo, responders: [Di], scribe: Cy}"))
    assert report(whole).findings == []


def test_what_is_not_known_is_told_and_never_zero(plan_file: Write) -> None:
    real = report(plan_file(), ExpectedLoad(320, 16_000, None, None))
    assert "output tokens" not in real.summary[2]
    assert "nobody knows how long its answers are" in real.not_covered[0]
    unpriced = report(plan_file(), ExpectedLoad(320, 16_000, 15_000, None))
    assert "no price" in unpriced.not_covered[0]
    assert "USD" not in unpriced.summary[2]


def test_each_hypothesis_says_how_it_is_decided(plan_file: Write) -> None:
    assert report(plan_file()).tables[1].rows == [
        ("backup-answers", "All is well.", "{functional_success: {at_least: 0.9}}", "broken"),
        ("nobody-waits", "No request hangs.", "hang", ""),
    ]
