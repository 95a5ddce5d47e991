"""The example log is what its script writes."""

import gzip
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
LOG = EXAMPLES / "litellm_spend_logs.jsonl.gz"


@pytest.fixture(scope="module")
def make_log() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_log", EXAMPLES / "make_log.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(LOG.read_bytes()).splitlines()]


def test_the_script_writes_the_same_bytes_again(make_log: ModuleType) -> None:
    # compared unpacked: builds of zlib may pack the same bytes differently
    assert gzip.decompress(LOG.read_bytes()) == make_log.log_bytes(make_log.SEED)


def test_another_seed_writes_another_log(make_log: ModuleType) -> None:
    assert make_log.log_bytes(1) != make_log.log_bytes(2)


def test_the_file_carries_no_time_and_no_name_of_its_making() -> None:
    head = LOG.read_bytes()[:10]
    assert head[3:8] == bytes(5)  # RFC 1952: no flags, and so no file name; MTIME zero


def test_it_is_small() -> None:
    assert LOG.stat().st_size < 300_000


def test_it_spans_more_than_the_seven_days_a_decision_needs(rows: list[dict[str, Any]]) -> None:
    assert (rows[0]["startTime"][:10], rows[-1]["startTime"][:10]) == ("2026-11-02", "2026-11-11")


def test_it_has_one_of_everything_that_the_bill_shows(rows: list[dict[str, Any]]) -> None:
    assert {row["model"] for row in rows} == {"gpt-5", "gpt-5-mini", "claude-sonnet-4-5"}
    assert {row["team_id"] for row in rows} == {"search", "support", "platform"}
    assert {row["status"] for row in rows} == {"success", "failure"}
    attempts = [row["litellm_call_id"] for row in rows]
    assert len(set(attempts)) < len(attempts) == len({row["request_id"] for row in rows})
    usages = [row["metadata"]["usage_object"] for row in rows if row["status"] == "success"]
    assert any(usage["prompt_tokens_details"]["cached_tokens"] for usage in usages)
    assert any(usage.get("cache_creation_input_tokens") for usage in usages)


def test_cached_and_written_tokens_are_part_of_the_prompt(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        usage = row["metadata"].get("usage_object", {})
        part = usage.get("prompt_tokens_details", {}).get("cached_tokens", 0) + usage.get(
            "cache_creation_input_tokens", 0
        )
        assert part <= row["prompt_tokens"]
        assert row["total_tokens"] == row["prompt_tokens"] + row["completion_tokens"]
