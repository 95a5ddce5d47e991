import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage.reasons import DUPLICATE, NO_SPANS, NOT_A_CALL, NOT_JSON
from llmops.costmodel.usage.store import UsageLog

Rows = list[dict[str, Any]]
Usage = Callable[..., UsageLog]


@pytest.fixture
def log(samples: Path, usage: Usage) -> UsageLog:
    return usage(samples / "otlp_genai.json")


def test_only_spans_of_llm_calls_count(log: UsageLog, rows: Callable[..., Rows]) -> None:
    assert [call["dedupe_key"] for call in rows(log)] == ["t1:chat", "t1:leaf", "t1:embed", "t1:broken"]
    assert log.set_aside_by_reason == {NOT_A_CALL: 4}  # the agent, the HTTP call, the chain above the leaf, the step
    assert log.rows_in_file == 8


def test_cached_tokens_are_part_of_the_input(log: UsageLog, rows: Callable[..., Rows]) -> None:
    chat = rows(log)[0]
    assert (chat["input_uncached_tokens"], chat["cache_read_tokens"], chat["output_total_tokens"]) == (60, 40, 10)


def test_names_times_and_resources(log: UsageLog, rows: Callable[..., Rows]) -> None:
    chat = rows(log)[0]
    assert (chat["provider"], chat["model_requested"], chat["model_served"]) == ("openai", "gpt-5", "gpt-5-2025-08-07")
    assert (chat["tenant"], chat["feature"], chat["service_tier"]) == ("web", "shop", "flex")
    assert (chat["ts_epoch_s"], chat["ts_utc"].microsecond, chat["latency_s"]) == (1767225600, 500_000, 1.5)


def test_old_names_are_understood(log: UsageLog, rows: Callable[..., Rows]) -> None:
    leaf = rows(log)[1]
    assert (leaf["provider"], leaf["input_uncached_tokens"], leaf["output_total_tokens"]) == ("anthropic", 700, 70)


def test_an_embedding_has_no_output_and_a_failed_call_no_tokens(log: UsageLog, rows: Callable[..., Rows]) -> None:
    embed, broken = rows(log)[2:]
    assert (embed["input_uncached_tokens"], embed["output_total_tokens"]) == (8, 0)
    assert (broken["status"], broken["input_uncached_tokens"]) == ("timeout", 0)


def test_exports_may_be_one_a_line_and_overlap(samples: Path, written: Callable[..., Path], usage: Usage) -> None:
    line = json.dumps(json.loads((samples / "otlp_genai.json").read_text()))
    log = usage(written(f"{line}\n\n{line}\n"))
    assert (log.rows_in_file, log.rows_read) == (16, 4)
    assert log.set_aside_by_reason == {NOT_A_CALL: 8, DUPLICATE: 4}


def test_lines_without_spans_are_rejected_and_counted(
    samples: Path, written: Callable[..., Path], usage: Usage
) -> None:
    line = json.dumps(json.loads((samples / "otlp_genai.json").read_text()))
    log = usage(written(f'{line}\n{{"resourceMetrics": []}}\n{{rubbish\n'), max_rejected_percent=Decimal(20))
    assert log.rejected_by_reason == {NO_SPANS: 1, NOT_JSON: 1}
    assert log.rows_in_file == 10


def test_attributes_that_repeat_or_are_odd_do_no_harm(written: Callable[..., Path], usage: Usage) -> None:
    odd = [{"key": "x"}, {"key": "x", "value": {"arrayValue": {"values": []}}}, 7, {"value": {}}, {"key": 'a"\\b'}]
    counts = [{"key": f"gen_ai.usage.{name}_tokens", "value": {"intValue": "1"}} for name in ("input", "output")]
    span = {"traceId": "t", "spanId": "s", "startTimeUnixNano": "1767225600000000000", "attributes": [*odd, *counts]}
    log = usage(
        written(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span, 3, None]}]}, 5]})),
        max_rejected_percent=Decimal(70),
    )
    assert (log.rows_read, log.rejected_by_reason) == (1, {NOT_JSON: 2})


def test_the_shared_sample_reads_as_documented(shared_data: Path, usage: Usage, rows: Callable[..., Rows]) -> None:
    (call,) = rows(usage(shared_data / "log_samples" / "otlp_genai_span.json"))
    assert (call["input_uncached_tokens"], call["cache_read_tokens"]) == (5, 128_955)
    assert call["cache_write_other_tokens"] == 1_253
    assert (call["output_total_tokens"], call["output_reasoning_tokens"]) == (420, 0)
