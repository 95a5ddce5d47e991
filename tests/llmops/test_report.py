"""The one result of every command."""

from datetime import UTC, datetime, timedelta

import pytest

from llmops.errors import ExitCode, UnknownName
from llmops.report import Metric, Report, Verdict, report_id

NOON = datetime(2026, 11, 25, 12, 0, 0, 123456, UTC)


def report(verdict: Verdict | None) -> Report:
    return Report("bill", "bill-1", NOON, NOON, "0.1.0", "Bill", verdict=verdict)


def test_a_report_without_a_verdict_passes() -> None:
    assert report(None).exit_code is ExitCode.PASS


def test_the_exit_code_is_that_of_the_verdict() -> None:
    assert report(Verdict("INCONCLUSIVE", "too short a log", exit_code=ExitCode.NO_DATA)).exit_code == 3


def test_a_metric_knows_its_unit_from_the_list() -> None:
    assert Metric("self_host_gpus", 3).unit == "gpus"


def test_a_metric_outside_the_list_has_no_unit() -> None:
    with pytest.raises(UnknownName):
        _ = Metric("made_up", 3).unit


def test_ids_sort_by_time_to_the_microsecond() -> None:
    ids = [report_id("bill", NOON + timedelta(microseconds=step)) for step in (0, 1, 1_000_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 3
    assert ids[0] == "bill-20261125T120000.123456Z"
