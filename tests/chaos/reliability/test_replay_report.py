from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from llmops.chaos.reliability.breaker import Baseline, Breach, Settings
from llmops.chaos.reliability.replay import BadSpan, replay
from llmops.chaos.reliability.replay_report import NOT_MEASURED, Unread, moment, replay_report, told
from llmops.chaos.reliability.trace import Recorded

NOW = datetime(2026, 11, 26, tzinfo=UTC)
FALLING = [Recorded(at, False, 1.0, 0.92 if at < 300 else 0.60, quality_by="the trace") for at in range(600)]


def report_of(trace: Sequence[Recorded], spans: Sequence[BadSpan] | None, **unread: Any) -> Any:
    both = replay(trace, Settings(), Baseline())
    return replay_report(both, spans, kind="replay", unread=Unread(**unread), system={}, seed=None, started_at=NOW)


def metric(report: Any, name: str, **scope: str) -> Any:
    return next(one for one in report.metrics if one.name == name and dict(one.scope) == scope)


def row(report: Any, table: str, figure: str) -> tuple[Any, ...]:
    rows = next(one.rows for one in report.tables if one.name == table)
    return next(tuple(one) for one in rows if one[0] == figure)


def test_both_breakers_stand_side_by_side() -> None:
    report = report_of(FALLING, [BadSpan(300, 600)])
    assert row(report, "breakers", "detected, bad span 1 from 300 s")[1:] == ("after 33 s", "no")
    assert row(report, "breakers", "baseline quality")[1:] == ("0.92", "not used")
    assert metric(report, "detection_delay_s", breaker="three_signals", span="1").value == 33.0
    assert metric(report, "detection_delay_s", breaker="errors_only", span="1").value is None
    assert metric(report, "false_trips", breaker="three_signals").value == 0
    assert metric(report, "http_availability_ratio").value == 1.0
    assert report.summary[1] == "Errors only: stayed closed."
    assert "HTTP availability 100.00 %, functional availability 76.00 %." in report.summary


def test_where_nobody_said_when_it_was_bad_that_is_not_measured_and_not_zero() -> None:
    report = report_of(FALLING, None)
    assert metric(report, "false_trips", breaker="three_signals").value is None
    assert metric(report, "detection_delay_s", breaker="three_signals").value is None
    assert row(report, "breakers", "false trips")[1:] == (NOT_MEASURED, NOT_MEASURED)
    assert "--bad SINCE..UNTIL" in report.findings[0].hint


def test_a_signal_that_was_never_judged_is_named_with_its_reason() -> None:
    report = report_of([Recorded(at, False, 1.0) for at in range(100)], [])
    said = [finding.text for finding in report.findings]
    assert "quality was never judged: the trace does not tell it." in said
    sparse = report_of([Recorded(at * 10, False, 1.0, 0.9) for at in range(100)], [])
    said = [finding.text for finding in sparse.findings]
    assert "quality was never judged: there was no baseline for it." in said
    assert "errors was never judged: no window of 60 s had the 20 samples that it needs." in said
    assert metric(sparse, "functional_availability_ratio").n == 100


def test_what_was_not_measured_is_said_so_in_words() -> None:
    report = report_of([Recorded(0.0, None)], None)
    assert f"HTTP availability {NOT_MEASURED}, functional availability {NOT_MEASURED}." in report.summary
    assert metric(report, "bad_answers_seen_ratio", breaker="errors_only").value is None


def test_lines_that_were_no_request_are_counted_by_reason() -> None:
    report = report_of(FALLING, None, set_aside=Counter({"a note": 2}), rejected=Counter({"no JSON": 1}))
    assert row(report, "not_read", "set aside") == ("set aside", "a note", 2)
    assert row(report, "not_read", "rejected") == ("rejected", "no JSON", 1)


def test_a_breach_is_told_in_words() -> None:
    assert told(Breach("errors", 0.5, 0.5, 20)) == "errors 0.5 at or over 0.5, 20 answers"
    assert told(Breach("latency", 4.51, 4.5, 20)) == "latency P95 4.51 s over 4.5, 20 answers"
    assert told(Breach("quality", 0.744, 0.782, 60)) == "quality 0.744 surely under 0.782, 60 answers"


def test_a_moment_is_a_time_of_day_or_seconds_of_a_trace() -> None:
    assert moment(333.5) == "333.5 s"
    assert moment(1_764_064_800.25) == "2025-11-25T10:00:00.250Z"
