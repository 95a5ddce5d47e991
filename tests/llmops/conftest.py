"""A report with one of everything."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from llmops.report import (
    Bar,
    Chart,
    Column,
    Finding,
    Interval,
    Metric,
    Report,
    Scenario,
    ScenarioCheck,
    ScenarioReceipts,
    ScenarioTimes,
    Source,
    Span,
    Table,
    Timeline,
    TimelineAttempt,
    TimelineRequest,
    Verdict,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def empty_report() -> Report:
    """Only what every report must have."""
    return Report("bill", "bill-1", NOON, NOON, "0.1.0", "Nothing")


@pytest.fixture
def scenario() -> Scenario:
    """One request that a fault cut and the backup rescued, one that hung."""
    cut = TimelineAttempt("primary", 2.1, 2.4, 200, ["clean_end_mid_answer"])
    rescue = TimelineAttempt("backup", 2.4, 3.0, 200)
    timeline = Timeline(
        began_at=NOON,
        phases=[Span("baseline", "baseline", 0.0, 2.0), Span("cut", "inject", 2.0, 8.0)],
        faults=[Span("clean_end_mid_answer", "primary", 2.0, 8.0)],
        requests=[
            TimelineRequest("r1", 2.0, 3.0, "rescued", [cut, rescue]),
            TimelineRequest("r2", 4.0, None, "hang", [TimelineAttempt("primary", 4.1, 8.0, None)]),
        ],
        left_out=1,
    )
    reason = "1 of 2 requests had no end before their deadline"
    check = ScenarioCheck("hang", "FAIL", reason, 2, 0.5, 0.0, "at_most", "ratio", 0.09, 0.91, None, ["r2"], ["cut"])
    return Scenario(
        name="stream-cut",
        title="A stream that is cut reaches the backup",
        verdict="FAIL",
        reason=f"hang: {reason}",
        checks=[check],
        outcomes={"rescued": 1, "hang": 1},
        receipts=ScenarioReceipts(2, 2, 1),
        times=ScenarioTimes(NOON, NOON, None, None),
        usd=Decimal("0.0123"),
        timeline=timeline,
    )


@pytest.fixture
def full_report(scenario: Scenario) -> Report:
    """Every field of every dataclass is filled at least once."""
    columns = [Column("model", "Model"), Column("tokens", "Tokens", "tokens"), Column("usd", "USD", "usd")]
    rows = [("gpt-5", 1_234_567, Decimal("68.8389875")), ("mystery", 12, None)]
    total = ("total", 1_234_579, Decimal("68.8389875"))
    return Report(
        kind="bill",
        id="bill-1",
        started_at=NOON,
        finished_at=NOON,
        tool_version="0.1.0",
        title="What the log cost",
        system={"logs": "a.jsonl"},
        seed=7,
        verdict=Verdict("BUY", "the API is cheaper", ["ten times the volume"]),
        summary=["68.84 USD for 19,366 calls."],
        metrics=[
            Metric("cached_input_ratio", 0.25, 100, Interval(0.2, None, 0.95, "lower"), {"model": "gpt-5"}, 25, 100),
            Metric("catalogue_cost_usd", Decimal("68.8389875")),
            Metric("self_host_gpus", None),
        ],
        findings=[Finding("warn", "3 rows rejected", "see --rejects"), Finding("info", "ok"), Finding("fail", "no")],
        tables=[Table("models", "By model", columns, rows, total, "mystery has no known price")],
        charts=[Chart("cost", "Monthly", "usd", [Bar("api", 100), Bar("self-host", 900.0, 0, Decimal(1000))])],
        sources=[Source("genai-prices", "catalogue", date(2026, 11, 1), "https://example.org/prices")],
        not_covered=["quality was not compared"],
        scenarios=[scenario],
    )
