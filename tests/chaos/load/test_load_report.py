"""What a load looks like in a report."""

from datetime import UTC, datetime
from typing import Any

import pytest

from llmops.chaos.load.latency_tables import Judged
from llmops.chaos.load.load_report import LoadFacts, load_report, what_failed
from llmops.chaos.load.perception import bands
from llmops.chaos.load.record import CallRecord
from llmops.chaos.load.recorded import timed
from llmops.chaos.load.ttft import Slo, analysed
from llmops.errors import ExitCode
from llmops.metrics import METRICS
from llmops.report import Report

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SYSTEM = {"target": "http://h", "arrivals": "10 a second (constant)", "connections": "1 connection"}


def record(due: float, sent: float | None, ended: float, **given: Any) -> CallRecord:
    usual: dict[str, Any] = {
        "request_id": f"r{due}", "dialect": "openai_chat", "path": "/chat/completions", "model_asked": "m",
        "stream": False, "dispatched_at": due, "status": 200, "complete": True,
    }  # fmt: skip
    return CallRecord(scheduled_at=due, sent_at=sent, ended_at=ended, **{**usual, **given})


def report(*records: CallRecord, **given: Any) -> Report:
    slo, scheme = Slo(), bands("perception")
    analysis = analysed(timed(records), by=["model"], slo=slo, bands=scheme)
    facts = LoadFacts(records, Judged(analysis, slo, scheme), SYSTEM, seed=3, calls=timed(records), **given)
    return load_report(facts, started_at=NOW, finished_at=NOW)


# 8 calls at 10 a second, one connection, 0.5 s of service: call n is sent at n/2 s and ends at (n + 1)/2 s.
OMITTED = [record(n / 10, n / 2, (n + 1) / 2) for n in range(8)]


def value(found: Report, name: str) -> object:
    (metric,) = [metric for metric in found.metrics if metric.name == name and not metric.scope]
    return metric.value


def test_what_a_closed_loop_would_have_hidden_is_said_first() -> None:
    found = report(*OMITTED)
    assert found.verdict is None
    assert found.summary[0] == "8 calls, 10 a second (constant), over 1 connection: 8 successful."
    assert "1.900 s on the mean and 3.300 s at most" in found.summary[1]
    assert "0.500 s and 0.500 s" in found.summary[1]
    assert value(found, "scheduled_latency_mean_s") == pytest.approx(1.90)
    assert value(found, "scheduled_latency_p50_s") == pytest.approx(1.90)
    assert value(found, "scheduled_latency_max_s") == pytest.approx(3.30)
    assert value(found, "e2e_p50_s") == pytest.approx(0.5)
    assert value(found, "connection_wait_max_s") == pytest.approx(2.8)  # call 7: due at 0.7, sent at 3.5
    assert value(found, "offered_requests_per_second") == pytest.approx(10)  # 7 gaps in 0.7 s
    assert value(found, "successful_requests_per_second") == pytest.approx(2)  # 8 in 4 s
    assert {metric.name for metric in found.metrics} <= METRICS.keys()


def test_where_nobody_waits_nothing_is_hidden() -> None:
    assert not any("waiting" in line for line in report(record(0, 0, 1), record(1, 1, 2)).summary)


def test_the_clients_own_lateness_is_told_and_warned_of() -> None:
    late = report(record(0, 0.02, 1, dispatched_at=0.02), record(1, 1, 2))
    assert value(late, "schedule_lag_max_s") == pytest.approx(0.02)
    assert "20.0 ms at most" in late.summary[-1]
    assert any("late by itself" in finding.text for finding in late.findings)
    punctual = report(record(0, 0.009, 1, dispatched_at=0.009), record(1, 1, 2))
    assert not any("late by itself" in finding.text for finding in punctual.findings)


def test_calls_that_were_never_sent_are_counted() -> None:
    found = report(record(0, 0, 1), record(0, None, 60, transport_error="timeout", status=None, complete=False))
    assert any(finding.text.startswith("Never sent: 1 call that waited") for finding in found.findings)
    assert value(found, "failed_requests_ratio") == 0.5


@pytest.mark.parametrize(
    ("records", "given", "because"),
    [
        ([], {}, "no call was due"),
        ([record(0, 0, 1, status=500)], {}, "none of 1 call succeeded"),
        ([record(0, 0, 1, says_something=False)] * 2, {}, "none of 2 calls succeeded"),
        (
            [record(0, 0, 1), record(0, 0, 1, transport_error="connect", transport_detail="Too many open files")],
            {},
            "the client itself failed 1 call: Too many open files",
        ),
        ([], {"ended_early": "http://h does not answer: Connection refused."}, "does not answer"),
        ([record(0, 0, 1)], {"ended_early": "stopped by SIGINT after 1 calls."}, "stopped by SIGINT"),
    ],
)
def test_no_data_is_never_a_pass(records: list[CallRecord], given: dict[str, Any], because: str) -> None:
    found = report(*records, **given)
    assert found.verdict is not None
    assert (found.verdict.word, found.exit_code) == ("INVALID", ExitCode.NO_DATA)
    assert because in found.verdict.because


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"transport_error": "connect", "transport_detail": "Connection refused"}, "connect: Connection refused"),
        ({"transport_error": "reset"}, "reset"),
        ({"status": 429, "error_type": "rate_limit_exceeded"}, "HTTP 429 rate_limit_exceeded"),
        ({"status": 302}, "HTTP 302"),
        ({"error_type": "overloaded_error"}, "an error in a 200: overloaded_error"),
        ({"complete": False, "unreadable": True}, "a 200 that is no answer"),
        ({"complete": False}, "an answer without its end"),
        ({"says_something": False}, "an empty answer"),
        ({"says_something": False, "complete": False}, "an answer without its end"),
    ],
)
def test_what_failed_is_named(given: dict[str, Any], words: str) -> None:
    assert what_failed(record(0, 0, 1, **given)) == words
    found = report(record(0, 0, 1), record(0, 0, 1, **given), record(0, 0, 1, **given))
    (table,) = [table for table in found.tables if table.name == "failures"]
    assert table.rows == [(words, 2)]


def test_an_empty_answer_is_not_among_the_latencies() -> None:
    found = report(record(0, 0, 4), record(1, 1, 5), record(2, 2, 2, says_something=False))
    assert value(found, "e2e_p50_s") == 4  # not the median of 4, 4 and 0
    assert value(found, "failed_requests_ratio") == pytest.approx(1 / 3)


def test_a_run_of_nothing_but_empty_answers_has_no_good_ones() -> None:
    found = report(*[record(at, at, at, says_something=False) for at in range(3)])
    (table,) = [table for table in found.tables if table.name == "goodput"]
    assert table.rows == [["all calls", None, 0.0, 3, 0]]
    assert not [finding for finding in found.findings if "unknown" in finding.text]


def test_without_failures_there_is_no_table_of_them() -> None:
    assert not [table for table in report(record(0, 0, 1)).tables if table.name == "failures"]
