"""Single calls of a log, for replays and latencies."""

import json
import math
from pathlib import Path

import pytest

from llmops.costmodel.usage.calls import arrivals, timed_calls
from llmops.costmodel.usage.store import UsageLog, read_usage

START = "2026-11-26T10:00:00Z"
NAN = pytest.approx(math.nan, nan_ok=True)
MAPPING = """
input_includes_cache: true
ts_utc: at
model_served: served
model_requested: asked
tenant: team
provider: provider
input_tokens: inputs
cache_read_tokens: cached
output_total_tokens: outputs
output_reasoning_tokens: reasoning
status: status
requests: requests
latency_s: latency
ttft_s: ttft
"""
CALL = {
    "at": START, "served": "gpt-5-2026", "asked": "gpt-5", "team": "red", "provider": "openai", "inputs": 100,
    "cached": 40, "outputs": 30, "reasoning": 10, "status": "success", "requests": 1, "latency": 2.0, "ttft": 0.5,
}  # fmt: skip


def read(tmp_path: Path, *rows: dict[str, object]) -> UsageLog:
    log, mapping = tmp_path / "log.jsonl", tmp_path / "mapping.yaml"
    log.write_text("".join(json.dumps({**CALL, **row}) + "\n" for row in rows))
    mapping.write_text(MAPPING)
    return read_usage([str(log)], mapping=mapping)


def test_a_call_tells_its_times_and_what_was_visible_of_it(tmp_path: Path) -> None:
    with read(tmp_path, {}) as log:
        calls = timed_calls(log)
    assert (calls.models, calls.routes, calls.tenants) == (["gpt-5-2026"], ["openai"], ["red"])
    assert (list(calls.ttft_s), list(calls.e2e_s), list(calls.visible_tokens)) == ([0.5], [2.0], [20.0])  # 30 - 10
    assert (calls.succeeded, calls.unstreamed, calls.set_aside) == ([True], 0, {})


def test_what_the_log_does_not_say_is_unknown(tmp_path: Path) -> None:
    with read(tmp_path, {"team": None, "provider": None, "reasoning": None, "ttft": None}, {"latency": None}) as log:
        calls = timed_calls(log)
    assert (calls.routes, calls.tenants) == ([None, "openai"], [None, "red"])
    assert list(calls.ttft_s) == [NAN, 0.5]
    assert list(calls.e2e_s) == [2.0, NAN]
    assert list(calls.visible_tokens) == [30.0, 20.0]


def test_a_failed_call_counts_although_it_has_no_times(tmp_path: Path) -> None:
    with read(tmp_path, {"status": "http_500", "latency": None, "ttft": None}, {}) as log:
        assert timed_calls(log).succeeded == [False, True]


def test_a_first_token_at_the_very_end_is_that_of_an_answer_that_was_not_streamed(tmp_path: Path) -> None:
    with read(tmp_path, {"ttft": 2.0}, {"ttft": 1.999}) as log:
        calls = timed_calls(log)
    assert list(calls.ttft_s) == [NAN, 1.999]
    assert (calls.unstreamed, len(calls)) == (1, 2)


def test_rows_that_are_no_timed_call_are_set_aside_with_their_reason(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"requests": 5}, {"latency": None, "ttft": None}, {"ttft": 2.5}, {}]
    with read(tmp_path, *rows) as log:
        calls = timed_calls(log)
    assert len(calls) == 1
    assert calls.set_aside == {
        "several requests in one row": 1,
        "neither latency nor time to the first token": 1,
        "first token after the end": 1,
    }


def test_arrivals_come_in_the_order_of_time_with_the_model_that_was_asked_for(tmp_path: Path) -> None:
    with read(tmp_path, {"at": "2026-11-26T10:00:02.250Z"}, {}, {"at": None}, {"requests": 2}) as log:
        found = arrivals(log)
    assert [at - found.at_s[0] for at in found.at_s] == [0.0, 2.25]
    assert found.at_s[0] == 1_795_687_200.0  # 2026-11-26T10:00:00Z
    assert (found.models, found.tenants) == (["gpt-5", "gpt-5"], ["red", "red"])
    assert (list(found.input_tokens), list(found.output_tokens)) == ([100, 100], [30, 30])
    assert found.set_aside == {"no time": 1, "several requests in one row": 1}


def test_rows_that_never_were_in_the_table_are_told_as_well(tmp_path: Path) -> None:
    wrong = [{"inputs": "many"}]
    log, mapping = tmp_path / "log.jsonl", tmp_path / "mapping.yaml"
    log.write_text("".join(json.dumps({**CALL, **row}) + "\n" for row in [*wrong, *[{}] * 200]))
    mapping.write_text(MAPPING)
    with read_usage([str(log)], mapping=mapping) as usage:
        (reason,) = usage.rejected_by_reason
        assert timed_calls(usage).set_aside == {f"rejected, {reason}": 1}
        assert arrivals(usage).set_aside == {f"rejected, {reason}": 1}


def test_calls_of_a_log_that_does_not_tell_failures_are_counted(tmp_path: Path) -> None:
    with read(tmp_path, {}) as log:
        assert timed_calls(log).unjudged == 0
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING.replace("status: status\n", ""))
    with read_usage([str(tmp_path / "log.jsonl")], mapping=mapping) as log:
        calls = timed_calls(log)
        assert (calls.unjudged, calls.succeeded) == (1, [True])
