from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage.reasons import NOT_A_CALL
from llmops.costmodel.usage.store import UsageLog

Rows = list[dict[str, Any]]


@pytest.fixture
def calls(samples: Path, usage: Callable[..., UsageLog], rows: Callable[..., Rows]) -> Rows:
    return rows(usage(samples / "openai_chat.jsonl"))


def test_cached_and_written_tokens_are_part_of_the_prompt(calls: Rows) -> None:
    chat = calls[0]
    assert chat["input_uncached_tokens"] == 272  # 500 - 128 - 100
    assert (chat["cache_read_tokens"], chat["cache_write_other_tokens"]) == (128, 100)
    assert (chat["output_total_tokens"], chat["output_reasoning_tokens"]) == (60, 32)
    assert (chat["tenant"], chat["feature"], chat["ts_epoch_s"]) == ("red", "search", 1767225600)


def test_a_responses_object_is_a_call_as_well(calls: Rows) -> None:
    response = calls[1]
    assert (response["input_uncached_tokens"], response["output_total_tokens"]) == (200, 20)
    assert (response["service_tier"], response["processing"], response["user"]) == ("flex", "standard", "ann")
    assert (response["status"], response["ts_epoch_s"]) == ("success", 1767225601)


def test_lines_of_a_batch_are_batch_processed_and_errors_are_kept(calls: Rows) -> None:
    done, failed = calls[2:4]
    assert (done["processing"], done["model_served"], done["input_uncached_tokens"]) == ("batch", "gpt-5-mini", 70)
    assert (failed["processing"], failed["status"], failed["input_uncached_tokens"]) == (
        "batch",
        "rate_limit_exceeded",
        0,
    )


def test_a_stream_counts_once(samples: Path, usage: Callable[..., UsageLog], calls: Rows) -> None:
    assert [call["input_uncached_tokens"] for call in calls[4:]] == [11]
    assert usage(samples / "openai_chat.jsonl").set_aside_by_reason == {NOT_A_CALL: 1}


def test_a_callers_own_stamp_goes_before_the_providers(
    written: Callable[..., Path], usage: Callable[..., UsageLog], rows: Callable[..., Rows]
) -> None:
    line = '{"id": "a", "object": "chat.completion", "created": 1, "timestamp": "2026-01-01T02:00:00+02:00", "usage": '
    log = usage(written(line + '{"prompt_tokens": 1, "completion_tokens": 1}}'))
    assert rows(log, "ts_epoch_s") == [{"ts_epoch_s": 1767225600}]  # 2026-01-01T00:00:00Z


def test_the_shared_sample_reads_as_documented(
    shared_data: Path, usage: Callable[..., UsageLog], rows: Callable[..., Rows]
) -> None:
    calls = rows(usage(shared_data / "log_samples" / "openai_chat_usage.jsonl"))
    for call in calls:
        assert (call["input_uncached_tokens"], call["cache_read_tokens"]) == (86, 1920)
        assert (call["output_total_tokens"], call["output_reasoning_tokens"]) == (1300, 1024)
    assert [call["service_tier"] for call in calls] == ["default", "flex"]
