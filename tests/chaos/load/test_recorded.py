"""Recorded runs, whoever recorded them."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.load.record import CallRecord, line_of
from llmops.chaos.load.recorded import Recording, merged, read_recordings, timed
from llmops.errors import BadInput, NoData
from llmops.ports import TimedCalls


def record(**given: Any) -> CallRecord:
    usual: dict[str, Any] = {
        "request_id": "r", "dialect": "openai_chat", "path": "/chat/completions?x=1", "model_asked": "m",
        "stream": True, "scheduled_at": 100.0, "dispatched_at": 100.0, "sent_at": 101.0, "first_token_at": 103.0,
        "piece_times": (103.0, 104.0, 104.5), "ended_at": 105.0, "status": 200, "complete": True, "output_tokens": 9,
    }  # fmt: skip
    return CallRecord(**{**usual, **given})


def no_log(names: Sequence[str]) -> TimedCalls:
    raise AssertionError(f"{names} are no logs")


def read(file: Path) -> Recording:
    (found,) = read_recordings([str(file)], no_log)
    return found


def test_own_records_tell_all_there_is() -> None:
    calls = timed([record(), record(sent_at=None, first_token_at=None, piece_times=(), complete=False, tenant="t")])
    assert (calls.ttft_s[0], calls.e2e_s[0]) == (2.0, 4.0)
    assert (calls.scheduled_ttft_s[0], list(calls.scheduled_latency_s)) == (3.0, [5.0, 5.0])
    assert [list(gaps) for gaps in calls.gaps_s] == [[1.0, 0.5], []]
    assert math.isnan(calls.ttft_s[1])
    assert math.isnan(calls.e2e_s[1])
    assert calls.succeeded == [True, False]
    assert (calls.routes[0], calls.models[0], calls.tenants) == ("/chat/completions", "m", [None, "t"])


def test_a_call_that_was_stopped_with_its_run_is_no_failure_of_the_target() -> None:
    calls = timed([record(), record(transport_error="cancelled")])
    assert (len(calls), calls.set_aside) == (1, {"stopped with its run": 1})


def test_a_file_of_own_records_is_known_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "calls.txt"
    file.write_bytes(line_of(record()) + b"\n" + line_of(record(request_id="s", text="x" * 100_000), bodies=True))
    found = read(file)
    assert (found.kind, len(found.calls), list(found.calls.ttft_s)) == ("load records", 2, [2.0, 2.0])


def test_a_first_line_longer_than_what_is_sniffed_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes(line_of(record(text="x" * 200_000), bodies=True))
    assert read(file).kind == "load records"


def test_a_last_line_that_was_cut_off_is_set_aside_and_any_other_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes(line_of(record()) + line_of(record())[:50])
    found = read(file).calls
    assert (len(found), found.set_aside) == (1, {"cut off at the end of the file": 1})
    file.write_bytes(line_of(record()) + line_of(record())[:50] + b"\n" + line_of(record()))
    with pytest.raises(BadInput, match="line 2 is no record"):
        read(file)


@pytest.mark.parametrize("first", [b"{not json\n", line_of(record())[:80] + b"\n", b"null\n"])
def test_records_whose_first_line_is_broken_are_told_as_such(tmp_path: Path, first: bytes) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes(first + line_of(record()))
    with pytest.raises(BadInput, match="line 1 is no record of a call"):
        read(file)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ended_at": None}, "line 2 is no record of a call: its 'ended_at'"),
        ({"ended_at": "abc"}, "line 2 is no record of a call: its 'ended_at'"),
        ({"schema_version": 99}, "line 2 has the schema version 99"),
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes(line_of(record()) + json.dumps({**json.loads(line_of(record())), **given}).encode() + b"\n")
    with pytest.raises(BadInput, match=said):
        read(file)


def test_impossible_times_are_set_aside_and_counted_by_reason(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    ids = iter("abcd")
    records = [record(request_id=next(ids), **given) for given in ({}, {"ended_at": 96.0}, {"ended_at": 1e30})]
    file.write_bytes(b"".join(map(line_of, [*records, record(request_id="d", ended_at=97.0)])))
    found = read(file).calls
    assert (len(found), list(found.e2e_s)) == (1, [4.0])
    assert found.set_aside == {
        "its ended_at is before its first_token_at": 2,
        "its ended_at is no time in epoch seconds": 1,
    }


def test_a_request_id_counts_once_in_all_files_together(tmp_path: Path) -> None:
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    one.write_bytes(line_of(record()) + line_of(record(request_id="s")) + line_of(record()))
    other.write_bytes(line_of(record(request_id="s")) + line_of(record(request_id="t")))
    found = [each.calls for each in read_recordings([str(one), str(other)], no_log)]
    assert [len(each) for each in found] == [2, 1]
    assert [each.set_aside for each in found] == [{"a request id that was read before": 1}] * 2


def llmperf(tmp_path: Path, *rows: Any, name: str = "some_host_70b.json") -> Path:
    file = tmp_path / name
    file.write_text(json.dumps(list(rows)))
    return file


ROW = {"error_code": None, "ttft_s": 0.5, "end_to_end_latency_s": 2.0, "number_output_tokens": 150}


def test_llmperf_results_tell_provider_and_model_by_their_name(tmp_path: Path) -> None:
    failed = {**ROW, "error_code": 429, "ttft_s": 0, "end_to_end_latency_s": 0}
    found = read(llmperf(tmp_path, ROW, failed))
    calls = found.calls
    assert (found.kind, calls.routes, calls.models) == ("llmperf results", ["some_host"] * 2, ["70b"] * 2)
    assert (calls.succeeded, calls.ttft_s[0], calls.visible_tokens[0]) == ([True, False], 0.5, 150)
    assert math.isnan(calls.ttft_s[1])  # a failure is not measured as the fastest of all
    assert read(llmperf(tmp_path, ROW, name="host.json")).calls.routes == ["host"]


@pytest.mark.parametrize(
    "row",
    [
        {**ROW, "ttft_s": 2.1},
        {**ROW, "ttft_s": -0.1},
        {**ROW, "ttft_s": None},
        {**ROW, "ttft_s": True},
        {**ROW, "end_to_end_latency_s": "2"},
    ],
)
def test_a_success_with_impossible_times_is_set_aside(tmp_path: Path, row: dict[str, Any]) -> None:
    found = read(llmperf(tmp_path, ROW, row, {**ROW, "ttft_s": 2.0})).calls
    assert (len(found), found.set_aside) == (2, {"a success with impossible times": 1})


LOG = TimedCalls(["m"], ["openai"], [None], [True], [0.5], [1.0], [3.0])


def test_anything_else_is_a_usage_log(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    for text in ('{"kind": "wire", "at": 1}\n', "a,b\n", "", '[{"usage": {}}]'):
        file.write_text(text)
        assert read_recordings([str(file)], lambda _: LOG) == [Recording(str(file), "usage log", LOG)]
    assert read_recordings(["-"], lambda _: LOG) == [Recording("-", "usage log", LOG)]


def test_usage_logs_are_read_together(tmp_path: Path) -> None:
    logs, own = [tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "calls.jsonl"
    for file in logs:
        file.write_text("a,b\n")
    own.write_bytes(line_of(record()))
    asked: list[Sequence[str]] = []

    def read_logs(names: Sequence[str]) -> TimedCalls:
        asked.append(names)
        return LOG

    found = read_recordings([str(logs[0]), str(own), str(logs[1])], read_logs)
    assert asked == [[str(logs[0]), str(logs[1])]]
    assert [each.kind for each in found] == ["load records", "usage log"]


def test_a_file_that_is_named_twice_would_count_twice(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes(line_of(record()))
    with pytest.raises(BadInput, match="given twice"):
        read_recordings([str(file), str(tmp_path / "." / "calls.jsonl")], no_log)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    for name in (tmp_path, tmp_path / "none"):
        with pytest.raises(BadInput, match="cannot read"):
            read(name)


def test_an_empty_list_holds_no_data(tmp_path: Path) -> None:
    file = tmp_path / "x_7b.json"
    file.write_text('["ttft_s", "end_to_end_latency_s"')
    with pytest.raises(NoData):
        read(file)


def test_what_one_part_measured_and_another_did_not_is_unknown_there() -> None:
    log = replace(LOG, tenants=["t"], unstreamed=1, unjudged=1, set_aside={"x": 2})
    both = merged([log, timed([record()]), log])
    assert len(both) == 3
    assert (list(both.ttft_s), both.routes) == ([0.5, 2.0, 0.5], ["openai", "/chat/completions", "openai"])
    assert [math.isnan(value) for value in both.scheduled_latency_s] == [True, False, True]
    assert [list(gaps) for gaps in both.gaps_s] == [[], [1.0, 0.5], []]
    assert (both.unstreamed, both.unjudged, both.set_aside) == (2, 2, {"x": 4})
    assert not merged([log, log]).scheduled_latency_s
    assert merged([log]) is log
