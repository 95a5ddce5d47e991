import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage.reasons import SPLIT_ABOVE
from llmops.costmodel.usage.store import UsageLog

Rows = list[dict[str, Any]]
WRITES = ("cache_write_5m_tokens", "cache_write_1h_tokens", "cache_write_other_tokens")


@pytest.fixture
def calls(samples: Path, usage: Callable[..., UsageLog], rows: Callable[..., Rows]) -> Rows:
    return rows(usage(samples / "anthropic_messages.jsonl"))


def test_the_input_has_no_cache_in_it(calls: Rows) -> None:
    message = calls[0]
    assert (message["input_uncached_tokens"], message["cache_read_tokens"]) == (10, 4000)
    assert (message["output_total_tokens"], message["output_reasoning_tokens"]) == (50, 20)


def test_cache_writes_that_no_lifetime_accounts_for_are_kept(calls: Rows) -> None:
    assert [calls[0][name] for name in WRITES] == [100, 300, 100]  # 500 - 100 - 300


def test_the_callers_stamp_and_what_the_provider_says(calls: Rows) -> None:
    message = calls[0]
    assert message["ts_epoch_s"] == 1767225600  # 2026-01-01T01:00:00+01:00
    assert (message["speed"], message["geo"], message["service_tier"]) == ("fast", "eu", "standard")
    assert calls[3]["ts_epoch_s"] is None


def test_batches_are_told_by_their_lines_and_by_the_tier(calls: Rows) -> None:
    assert [call["processing"] for call in calls] == ["standard", "batch", "batch", "batch"]
    assert [call["status"] for call in calls] == ["success", "success", "invalid_request_error", "success"]


def test_a_message_that_grows_counts_with_its_last_record(
    samples: Path, written: Callable[..., Path], usage: Callable[..., UsageLog], rows: Callable[..., Rows]
) -> None:
    first = json.loads((samples / "anthropic_messages.jsonl").read_text().splitlines()[0])
    last = {**first, "usage": {**first["usage"], "output_tokens": 99}}
    log = usage(written(f"{json.dumps(first)}\n{json.dumps(last)}\n"))
    assert rows(log, "output_total_tokens", "record") == [{"output_total_tokens": 99, "record": 2}]


def test_issue_42663_the_rest_of_the_cache_writes_is_not_lost(
    samples: Path, written: Callable[..., Path], usage: Callable[..., UsageLog], rows: Callable[..., Rows]
) -> None:
    message = json.loads((samples / "anthropic_messages.jsonl").read_text().splitlines()[0])
    message["usage"] |= {"cache_creation_input_tokens": 184_457}
    message["usage"]["cache_creation"] = {"ephemeral_5m_input_tokens": 31_490, "ephemeral_1h_input_tokens": 0}
    (call,) = rows(usage(written(json.dumps(message))))
    assert [call[name] for name in WRITES] == [31_490, 0, 152_967]  # 184,457 - 31,490


def test_a_split_above_its_total_is_rejected(
    samples: Path, written: Callable[..., Path], usage: Callable[..., UsageLog]
) -> None:
    good = (samples / "anthropic_messages.jsonl").read_text().splitlines()[0]
    bad = json.loads(good)
    bad["usage"]["cache_creation_input_tokens"] = 399  # 100 + 300 is one more
    log = usage(written(f"{good}\n{json.dumps(bad)}\n"), max_rejected_percent=Decimal(50))
    assert log.rejected_by_reason == {SPLIT_ABOVE: 1}


def test_the_shared_sample_reads_as_documented(
    shared_data: Path, usage: Callable[..., UsageLog], rows: Callable[..., Rows]
) -> None:
    (call,) = rows(usage(shared_data / "log_samples" / "anthropic_messages_usage.jsonl"))
    assert (call["input_uncached_tokens"], call["cache_read_tokens"]) == (3, 0)
    assert [call[name] for name in WRITES] == [12304, 0, 0]
    assert (call["output_total_tokens"], call["output_reasoning_tokens"]) == (550, 210)
