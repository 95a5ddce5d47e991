import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage.reasons import CACHE_ABOVE, GATEWAY_CACHE, NOT_A_CALL
from llmops.costmodel.usage.store import UsageLog

Rows = Callable[..., list[dict[str, Any]]]
Usage = Callable[..., UsageLog]


@pytest.fixture(params=["jsonl", "csv"])
def log(request: pytest.FixtureRequest, samples: Path, usage: Usage) -> UsageLog:
    return usage(samples / f"litellm_spend_logs.{request.param}")


def test_cached_and_written_tokens_are_part_of_the_prompt(log: UsageLog, rows: Rows) -> None:
    call = rows(log)[0]
    assert call["input_uncached_tokens"] == 400  # 1,000 - 400 read - 200 written
    assert call["cache_read_tokens"] == 400
    assert (call["cache_write_5m_tokens"], call["cache_write_1h_tokens"]) == (50, 70)
    assert call["cache_write_other_tokens"] == 80  # 200 - 50 - 70: the split covers only the first iteration
    assert (call["output_total_tokens"], call["output_reasoning_tokens"]) == (300, 90)


def test_who_when_and_what_it_cost(log: UsageLog, rows: Rows) -> None:
    call = rows(log)[0]
    assert (call["provider"], call["model_requested"], call["model_served"]) == (
        "anthropic",
        "sonnet",
        "claude-sonnet-4-5",
    )
    assert (call["tenant"], call["feature"], call["user"], call["call_id"]) == ("red", "app:chat", "ann", "c-1")
    assert call["cost_reported_usd"] == Decimal("0.0125")
    assert (call["latency_s"], call["ttft_s"]) == (2.5, 0.25)
    assert call["ts_epoch_s"] == 1777888800  # 2026-05-04T10:00:00Z


def test_a_failed_attempt_is_a_row_of_its_own(log: UsageLog, rows: Rows) -> None:
    _, failed = rows(log)
    assert (failed["status"], failed["input_uncached_tokens"], failed["call_id"]) == ("RateLimitError", 0, "c-1")
    assert (failed["tenant"], failed["feature"], failed["user"]) == ("key-1", None, "bob")


def test_answers_of_the_gateways_own_cache_and_tool_calls_are_set_aside(log: UsageLog) -> None:
    assert log.set_aside_by_reason == {GATEWAY_CACHE: 1, NOT_A_CALL: 1}
    assert (log.rows_in_file, log.rows_read) == (4, 2)


def test_a_cache_hit_that_has_a_spend_was_billed_and_counts(
    samples: Path, written: Callable[..., Path], usage: Usage
) -> None:
    hit = json.loads((samples / "litellm_spend_logs.jsonl").read_text().splitlines()[2])
    assert usage(written(json.dumps({**hit, "spend": 0.01}))).rows_read == 1


def test_a_row_without_a_usage_object_has_its_own_counts(
    samples: Path, written: Callable[..., Path], usage: Usage, rows: Rows
) -> None:
    call = json.loads((samples / "litellm_spend_logs.jsonl").read_text().splitlines()[0])
    log = usage(written(json.dumps({**call, "metadata": "{}"})))
    assert rows(log, "input_uncached_tokens", "cache_read_tokens") == [
        {"input_uncached_tokens": 1000, "cache_read_tokens": 0}
    ]


def test_exclusive_counts_of_an_old_version_are_rejected(
    samples: Path, written: Callable[..., Path], usage: Usage
) -> None:
    lines = (samples / "litellm_spend_logs.jsonl").read_text().splitlines()
    old = json.loads(lines[0])
    old["metadata"]["usage_object"]["prompt_tokens"] = 599  # one less than 400 + 200
    log = usage(written("\n".join([lines[1], json.dumps(old)])), max_rejected_percent=Decimal(50))
    assert log.rejected_by_reason == {CACHE_ABOVE: 1}


def test_issue_9812_reads_as_3_fresh_12304_written_550_out(shared_data: Path, usage: Usage, rows: Rows) -> None:
    (call,) = rows(usage(shared_data / "log_samples" / "litellm_spendlogs.jsonl"))
    assert (call["input_uncached_tokens"], call["cache_read_tokens"]) == (3, 0)
    assert (call["cache_write_5m_tokens"], call["output_total_tokens"]) == (12304, 550)
    assert (call["cost_reported_usd"], call["tenant"], call["feature"]) == (Decimal("0.0544"), "t1", "team:search")
