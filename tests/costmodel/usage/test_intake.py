"""Each reason for a rejection from both sides, and times."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage import reasons
from llmops.costmodel.usage.store import UsageLog

Usage = Callable[..., UsageLog]
Written = Callable[..., Path]
Rows = Callable[..., list[dict[str, Any]]]

MAPPING = """
input_includes_cache: true
time: {path: at, optional: true}
input_tokens: in
output_tokens: out
cache_read_tokens: {path: read, optional: true}
cache_write_5m_tokens: {path: written, optional: true}
output_reasoning_tokens: {path: thought, optional: true}
input_audio_tokens: {path: heard, optional: true}
output_audio_tokens: {path: said, optional: true}
requests: {path: n, optional: true}
cost_reported_usd: {path: cost, optional: true}
status: {path: status, optional: true}
"""
GOOD = {"in": 100, "out": 50}


@pytest.fixture
def outcome(usage: Usage, written: Written) -> Callable[[dict[str, Any]], str]:
    """The reason for which a record is rejected, "" where it is not; a good record stands beside it."""
    mapping = written(MAPPING, "map.yaml")

    def judge(record: dict[str, Any]) -> str:
        lines = written(f"{json.dumps(GOOD)}\n{json.dumps(record)}\n")
        log = usage(lines, mapping=mapping, max_rejected_percent=Decimal(50))
        assert log.rows_read + log.rows_rejected == 2
        return next(iter(log.rejected_by_reason), "")

    return judge


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"in": None}, reasons.NO_COUNTS),
        ({"out": ""}, reasons.NO_COUNTS),
        ({"in": None, "status": "failed"}, ""),
        ({"in": 0, "out": 0}, ""),
        ({"in": -1}, reasons.NEGATIVE),
        ({"out": "-1"}, reasons.NEGATIVE),
        ({"in": 0.5}, reasons.NOT_WHOLE),
        ({"in": "100.0"}, ""),
        ({"in": "many"}, reasons.NOT_WHOLE),
        ({"in": True}, reasons.NOT_WHOLE),
        ({"in": "nan"}, reasons.NOT_WHOLE),
        ({"in": "inf"}, reasons.NOT_WHOLE),
        ({"in": [100]}, reasons.NOT_WHOLE),
        ({"in": 100_000_000}, ""),
        ({"in": 100_000_001}, reasons.ABSURD),
        ({"in": 200_000_000, "n": 2}, ""),
        ({"in": 200_000_001, "n": 2}, reasons.ABSURD),
        ({"read": 60, "written": 40}, ""),
        ({"read": 60, "written": 41}, reasons.CACHE_ABOVE),
        ({"thought": 50}, ""),
        ({"thought": 51}, reasons.REASONING_ABOVE),
        ({"heard": 40, "read": 60}, ""),
        ({"heard": 41, "read": 60}, reasons.AUDIO_ABOVE),
        ({"said": 51}, reasons.AUDIO_ABOVE),
        ({"n": 1.5}, reasons.BAD_REQUESTS),
        ({"n": -1}, reasons.BAD_REQUESTS),
        ({"cost": "0.01"}, ""),
        ({"cost": "9e-06"}, ""),
        ({"cost": "USD 1"}, reasons.BAD_COST),
        ({"at": None}, ""),
        ({"at": "yesterday"}, reasons.BAD_TIME),
        ({"at": "epoch"}, reasons.BAD_TIME),
        ({"at": "infinity"}, reasons.BAD_TIME),
        ({"at": 1767225600}, reasons.BAD_TIME),
        ({"at": "2026-02-29"}, reasons.BAD_TIME),
        ({"at": "2028-02-29"}, ""),
        ({"at": "1969-12-31T23:59:59Z"}, reasons.BAD_TIME),
        ({"at": "1970-01-01T00:00:00Z"}, ""),
        ({"at": "2199-12-31T23:59:59Z"}, ""),
        ({"at": "2200-01-01T00:00:00Z"}, reasons.BAD_TIME),
    ],
)
def test_a_record_is_rejected_for_a_reason_in_words(
    outcome: Callable[[dict[str, Any]], str], change: dict[str, Any], reason: str
) -> None:
    assert outcome({**GOOD, **change}) == reason


def test_times_of_all_zones_become_utc(usage: Usage, written: Written, rows: Rows) -> None:
    times = {
        "2026-03-29T00:30:00": 1774744200,  # without an offset it is UTC
        "2026-03-29T00:30:00Z": 1774744200,
        "2026-03-29T01:30:00+01:00": 1774744200,  # Berlin, winter
        "2026-03-29T03:30:00+02:00": 1774747800,  # Berlin, summer: one hour later
        "2026-03-29 06:00:00+05:30": 1774744200,
        "2026-10-25T02:30:00+02:00": 1792888200,  # the hour that comes twice, the first time
        "2026-10-25T02:30:00+01:00": 1792891800,  # and the second
        "2026-03-28 20:30:00-04": 1774744200,
        "2026-03-29 00:30:00.999999": 1774744200,
    }
    lines = "\n".join(json.dumps({**GOOD, "at": time}) for time in times)
    log = usage(written(lines), mapping=written(MAPPING, "map.yaml"))
    assert [row["ts_epoch_s"] for row in rows(log)] == list(times.values())


def test_the_model_that_is_stated_is_for_rows_that_name_none(usage: Usage, written: Written, rows: Rows) -> None:
    mapping = MAPPING + "model_requested: {path: wanted, optional: true}\nprovider: {path: who, optional: true}\n"
    lines = f"{json.dumps(GOOD)}\n{json.dumps({**GOOD, 'wanted': 'gpt-5', 'who': 'azure'})}\n"
    log = usage(written(lines), mapping=written(mapping, "map.yaml"), model=("openai", "o3"))
    assert rows(log, "provider", "model_served", "model_requested") == [
        {"provider": "openai", "model_served": "o3", "model_requested": None},
        {"provider": "azure", "model_served": None, "model_requested": "gpt-5"},
    ]


def test_a_duration_that_ran_backwards_is_unknown(usage: Usage, written: Written, rows: Rows) -> None:
    mapping = MAPPING + "latency_s: {path: took, optional: true}\n"
    lines = "\n".join(json.dumps({**GOOD, "took": took}) for took in (0, -0.1, "x", 1.5))
    log = usage(written(lines), mapping=written(mapping, "map.yaml"))
    assert [row["latency_s"] for row in rows(log)] == [0.0, None, None, 1.5]
