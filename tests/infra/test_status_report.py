"""The state of a fallback, in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from llmops.infra.awake import Group, Instance
from llmops.infra.status_report import status_report, word

SYSTEM = {"fallback": "fb", "model": "m"}
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ONE = Instance(
    "i-1", "g6e.12xlarge", "us-east-1a", "InService", NOW - timedelta(hours=2), is_spot=False, image_id="ami-1"
)
ASLEEP = Group("fb", 0, 3, 0, 600, {"llmops:resting-size": "0", "llmops:model": "m"}, (), 0, 0, None)
AWAKE = replace(ASLEEP, desired=1, instances=(ONE,), healthy=1, registered=1, lease_until=NOW + timedelta(hours=1))

HOT = replace(AWAKE, tags={"llmops:resting-size": "1"}, lease_until=None)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (ASLEEP, "asleep"),
        (AWAKE, "awake"),
        (replace(AWAKE, healthy=0), "waking"),
        (HOT, "hot"),
        (replace(HOT, healthy=0), "not serving"),
        (replace(HOT, desired=0), "not serving"),
    ],
)
def test_one_word(group: Group, expected: str) -> None:
    assert word(group) == expected


def test_the_dollars_since_the_launch_are_told() -> None:
    report = status_report(AWAKE, SYSTEM, started_at=NOW, now=NOW)
    (metric,) = report.metrics
    assert metric.value == Decimal("20.98528")  # 2 × 10.49264
    assert "have cost 20.99 USD on demand." in report.summary[1]
    assert report.system == SYSTEM
    assert [it.text for it in report.findings] == ["It sleeps at 2026-11-27 13:00 UTC."]


def test_what_has_no_price_makes_the_sum_unknown() -> None:
    spot = replace(AWAKE, instances=(ONE, replace(ONE, id="i-2", is_spot=True)))
    report = status_report(spot, SYSTEM, started_at=NOW, now=NOW)
    assert report.metrics[0].value is None
    assert "without 1 whose price is unknown" in report.summary[1]


def test_awake_without_a_lease_is_a_warning() -> None:
    report = status_report(replace(AWAKE, lease_until=None), SYSTEM, started_at=NOW, now=NOW)
    assert [it.level for it in report.findings] == ["warn"]
    assert status_report(ASLEEP, SYSTEM, started_at=NOW, now=NOW).findings == []


def test_a_hot_fallback_that_does_not_serve_is_a_warning() -> None:
    def told(group: Group) -> list[tuple[str, str]]:
        return [(it.level, it.text) for it in status_report(group, SYSTEM, started_at=NOW, now=NOW).findings]

    assert told(HOT) == []
    assert told(replace(HOT, healthy=0)) == [("warn", "It is hot and nothing serves: 1 wanted, 0 healthy.")]
    two = replace(HOT, tags={"llmops:resting-size": "2"}, desired=2)
    assert told(two) == [("warn", "1 of 2 that stand by are healthy.")]
