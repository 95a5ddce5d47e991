import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage.readers.mapping import Mapping
from llmops.costmodel.usage.reasons import BAD_PROCESSING, BAD_TIME, NOT_A_CALL, NOT_WHOLE
from llmops.costmodel.usage.store import UsageLog
from llmops.errors import BadInput

Rows = Callable[..., list[dict[str, Any]]]
Usage = Callable[..., UsageLog]
Written = Callable[..., Path]

GEMINI = """
input_includes_cache: true
provider: {value: google}
model: {value: gemini-3-pro-preview}
input_tokens: usageMetadata.promptTokenCount
cache_read_tokens: usageMetadata.cachedContentTokenCount
output_tokens: {sum: [usageMetadata.candidatesTokenCount, usageMetadata.thoughtsTokenCount]}
output_reasoning_tokens: usageMetadata.thoughtsTokenCount
"""
FLAG = "input_includes_cache: false\n"
PLAIN = FLAG + "input_tokens: in\noutput_tokens: out\n"


def mapped(usage: Usage, written: Written, log: str, mapping: str, **options: Any) -> UsageLog:
    return usage(written(log), mapping=written(mapping, "map.yaml"), **options)


def test_langfuse_issue_12531_thoughts_are_on_top_of_the_candidates(usage: Usage, written: Written, rows: Rows) -> None:
    counts = {
        "promptTokenCount": 324,
        "candidatesTokenCount": 1364,
        "thoughtsTokenCount": 495,
        "cachedContentTokenCount": 0,
    }
    (call,) = rows(mapped(usage, written, json.dumps({"usageMetadata": counts}, indent=1), GEMINI))
    assert (call["provider"], call["model_served"]) == ("google", "gemini-3-pro-preview")
    assert (call["input_uncached_tokens"], call["output_total_tokens"]) == (324, 1859)  # 1,364 + 495
    assert call["output_reasoning_tokens"] == 495


def test_the_shared_gemini_sample_reads_as_documented(
    shared_data: Path, usage: Usage, written: Written, rows: Rows
) -> None:
    log = usage(shared_data / "log_samples" / "gemini_usage_metadata.json", mapping=written(GEMINI, "map.yaml"))
    (call,) = rows(log)
    assert (call["input_uncached_tokens"], call["output_total_tokens"], call["output_reasoning_tokens"]) == (
        324,
        1859,
        495,
    )


def test_a_sum_is_of_those_that_are_there(usage: Usage, written: Written, rows: Rows) -> None:
    lines = '{"in": 1, "a": 2, "b": 3}\n{"in": 1, "a": 2}\n{"in": 1, "a": 2, "b": "x"}\n'
    mapping = "input_includes_cache: true\ninput_tokens: in\noutput_tokens: {sum: [a, b]}\n"
    log = mapped(usage, written, lines, mapping, max_rejected_percent=Decimal(50))
    assert [row["output_total_tokens"] for row in rows(log)] == [5, 2]
    assert log.rejected_by_reason == {NOT_WHOLE: 1}


@pytest.mark.parametrize(
    ("unit", "value"),
    [("epoch_s", "1767225600.25"), ("epoch_ms", "1767225600250"), ("epoch_us", "1767225600250000"),
     ("epoch_ns", "1767225600250000000"), ("iso", '"2026-01-01T00:00:00.25Z"')],
)  # fmt: skip
def test_times_have_the_unit_that_the_mapping_says(
    usage: Usage, written: Written, rows: Rows, unit: str, value: str
) -> None:
    mapping = PLAIN + f"time: {{path: at, unit: {unit}}}\n"
    (call,) = rows(mapped(usage, written, f'{{"in": 1, "out": 1, "at": {value}}}', mapping))
    assert (call["ts_epoch_s"], call["ts_utc"].microsecond) == (1767225600, 250_000)


def test_milliseconds_taken_for_seconds_are_rejected(usage: Usage, written: Written) -> None:
    lines = '{"in": 1, "out": 1, "at": 1767225600}\n{"in": 1, "out": 1, "at": 1767225600000}\n'
    log = mapped(usage, written, lines, PLAIN + "time: {path: at, unit: epoch_s}", max_rejected_percent=Decimal(50))
    assert log.rejected_by_reason == {BAD_TIME: 1}


def test_milliseconds_and_cents(usage: Usage, written: Written, rows: Rows) -> None:
    mapping = PLAIN + "latency_s: {path: took, unit: ms}\ncost_reported_usd: {path: fee, unit: cents}\n"
    (call,) = rows(mapped(usage, written, '{"in": 1, "out": 1, "took": 1500, "fee": "12378.912"}', mapping))
    assert (call["latency_s"], call["cost_reported_usd"]) == (1.5, Decimal("123.78912"))


def test_csv_and_parquet_give_the_same_rows_as_json(usage: Usage, written: Written, rows: Rows, tmp_path: Path) -> None:
    import duckdb

    mapping = written(PLAIN + "tenant: labels.team\ntime: at\n", "map.yaml")
    record = {"in": 5, "out": 7, "labels": {"team": "red"}, "at": "2026-01-01 00:00:00"}
    lines = written(json.dumps(record))
    with (tmp_path / "table.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([record.keys(), [json.dumps(v) if isinstance(v, dict) else v for v in record.values()]])
    duckdb.execute(
        f"""copy (select 5 as "in", 7.0::double as out, {{'team': 'red'}} as labels, timestamp '2026-01-01' as at)
            to '{tmp_path / "table.parquet"}'"""
    )
    found = [rows(usage(path, mapping=mapping)) for path in (lines, tmp_path / "table.csv", tmp_path / "table.parquet")]
    assert found[0] == found[1] == found[2]
    assert (found[0][0]["tenant"], found[0][0]["ts_epoch_s"]) == ("red", 1767225600)


def test_the_longest_field_name_is_taken_where_names_have_dots(usage: Usage, written: Written, rows: Rows) -> None:
    record = {"llm.token_count.prompt": 9, "llm.token_count": {"completion": 4}}
    mapping = (
        "input_includes_cache: true\ninput_tokens: llm.token_count.prompt\noutput_tokens: llm.token_count.completion\n"
    )
    (call,) = rows(mapped(usage, written, json.dumps(record), mapping))
    assert (call["input_uncached_tokens"], call["output_total_tokens"]) == (9, 4)


def test_buckets_have_requests_and_an_empty_one_is_set_aside(usage: Usage, written: Written, rows: Rows) -> None:
    lines = '{"in": 500000000, "out": 5, "n": 5}\n{"in": 0, "out": 0, "n": 0}\n'
    log = mapped(usage, written, lines, PLAIN + "requests: n")
    assert rows(log, "requests", "input_uncached_tokens") == [{"requests": 5, "input_uncached_tokens": 500_000_000}]
    assert log.set_aside_by_reason == {NOT_A_CALL: 1}


def test_status_and_processing_take_the_words_of_the_table(usage: Usage, written: Written, rows: Rows) -> None:
    lines = (
        '{"in": 1, "out": 1, "s": 200, "p": true}\n{"in": 1, "out": 1, "s": "OK"}\n'
        '{"s": 429, "p": "default"}\n{"in": 1, "out": 1, "p": "odd"}\n'
    )
    log = mapped(usage, written, lines, PLAIN + "status: s\nprocessing: p\n", max_rejected_percent=Decimal(25))
    assert [(row["status"], row["processing"]) for row in rows(log)] == [
        ("success", "batch"), ("success", "standard"), ("429", "standard"),
    ]  # fmt: skip
    assert log.rejected_by_reason == {BAD_PROCESSING: 1}


@pytest.mark.parametrize("log", ['{"in": 1, "out": 2}\n', "in,out\n1,2\n"])
def test_a_field_that_is_not_there_is_named_with_the_nearest(usage: Usage, written: Written, log: str) -> None:
    with pytest.raises(BadInput, match="has no field 'outt'") as caught:
        mapped(usage, written, log, "input_includes_cache: true\ninput_tokens: in\noutput_tokens: outt\n")
    assert caught.value.hint == "did you mean 'out'?"


def test_a_nested_field_that_is_not_there_is_named_with_its_siblings(usage: Usage, written: Written) -> None:
    mapping = "input_includes_cache: true\ninput_tokens: usage.inn\noutput_tokens: usage.out\n"
    with pytest.raises(BadInput, match=r"no field 'usage\.inn'") as caught:
        mapped(usage, written, '{"usage": {"in": 1, "out": 2}}', mapping)
    assert caught.value.hint == "did you mean 'usage.in'?"


def test_a_field_that_shows_up_late_is_there(usage: Usage, written: Written, rows: Rows) -> None:
    lines = '{"in": 1, "out": 2}\n' * 150 + '{"in": 1, "out": 2, "team": "red"}\n'
    assert rows(mapped(usage, written, lines, PLAIN + "tenant: team"))[-1]["tenant"] == "red"


def test_an_optional_field_may_be_missing(usage: Usage, written: Written, rows: Rows) -> None:
    log = mapped(usage, written, "in,out\n1,2\n", PLAIN + "tenant: {path: team, optional: true}")
    assert rows(log, "tenant") == [{"tenant": None}]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("input_tokens: in", "input_includes_cache must be true or false", "cache"),
        (FLAG + "input_token: in", "no column is named 'input_token'", "did you mean 'input_tokens'?"),
        (FLAG + "input_tokens: in", "does not say where output_total_tokens is", "output_total_tokens"),
        (PLAIN + "time: {path: at, unit: epoch_m}", "time has no unit 'epoch_m'", "did you mean 'epoch_ms'?"),
        (PLAIN + "tenant: {path: at, unit: ms}", "tenant has no unit 'ms'", "leave the unit out"),
        (PLAIN + "tenant: {field: at}", "tenant must be a path", "found"),
        (PLAIN + "tenant: 5", "tenant must be a path", "found: 5"),
        (PLAIN + "tenant: {sum: []}", "the sum has no paths", "fields"),
        (PLAIN + "tenant: {sum: [1]}", "paths must be texts", "found"),
        (PLAIN + "tenant: {value: [1]}", "the value must be one text or number", "found"),
        (PLAIN + "tenant: {path: a, units: ms}", "unknown key 'units'", "known"),
        (PLAIN + "keep: middle", "keep must be first or last", "dedupe_key"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_an_error_with_a_hint(written: Written, text: str, message: str, hint: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        Mapping.load(written(text))
    assert hint in caught.value.hint


def test_of_equal_keys_the_last_counts_where_the_mapping_says_so(usage: Usage, written: Written, rows: Rows) -> None:
    lines = '{"in": 1, "out": 1, "id": "a"}\n{"in": 1, "out": 9, "id": "a"}\n'
    log = mapped(usage, written, lines, PLAIN + "dedupe_key: id\nkeep: last")
    assert rows(log, "output_total_tokens") == [{"output_total_tokens": 9}]
