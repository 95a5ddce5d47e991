"""A report with one of everything."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from llmops.report import Bar, Chart, Column, Finding, Interval, Metric, Report, Source, Table, Verdict

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def empty_report() -> Report:
    """Only what every report must have."""
    return Report("bill", "bill-1", NOON, NOON, "0.1.0", "Nothing")


@pytest.fixture
def full_report() -> Report:
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
    )
