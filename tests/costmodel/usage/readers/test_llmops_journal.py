import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage.reasons import COUNTS_CUT, NO_COUNTS, NOT_A_CALL, OUTPUT_CUT
from llmops.costmodel.usage.store import UsageLog
from llmops.errors import NoData

Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def read(samples: Path, usage: Callable[..., UsageLog], rows: Rows) -> list[dict[str, Any]]:
    return rows(usage(samples / "llmops_journal.jsonl"))


def test_each_attempt_is_one_row_and_all_else_is_set_aside(samples: Path, usage: Callable[..., UsageLog]) -> None:
    log = usage(samples / "llmops_journal.jsonl")
    lines = (samples / "llmops_journal.jsonl").read_text().splitlines()
    wires = sum('"kind":"wire"' in line and '"dialect":null' not in line for line in lines)
    assert log.connection.execute("select count(*) from usage").fetchall() == [(wires,)]
    assert wires == 10
    assert log.set_aside_by_reason == {NOT_A_CALL: len(lines) - wires}


def test_each_attempt_says_how_it_ended(read: list[dict[str, Any]]) -> None:
    assert [(row["provider"], row["status"]) for row in read] == [
        ("openai", "http_429"),  # by a fault, before the provider was asked
        ("openai", "success"),
        ("openai", "success"),
        ("anthropic", "success"),
        ("anthropic", "success"),  # cut by a fault behind the provider, which bills all of it
        ("openai", "success"),
        ("anthropic", "success"),
        ("openai", "upstream_reset"),
        ("openai", "incomplete"),  # its terminal mark never came
        ("openai", "server_error"),  # inside a stream, after 200
    ]


def test_a_refused_attempt_has_no_tokens_and_the_next_one_has(read: list[dict[str, Any]]) -> None:
    refused, next_one = read[:2]
    assert (refused["input_uncached_tokens"], refused["output_total_tokens"]) == (0, 0)
    assert (next_one["input_uncached_tokens"], next_one["output_total_tokens"]) == (4, 48)
    assert refused["call_id"] == next_one["call_id"]
    assert (next_one["model_requested"], next_one["model_served"]) == ("gpt-4o", "gpt-4o")
    assert (next_one["ts_epoch_s"], next_one["latency_s"]) == (1795605177, 0.002239)  # 2026-11-25 11:12:57 UTC


def test_anthropics_cache_is_on_top_of_its_input(read: list[dict[str, Any]]) -> None:
    cached = read[6]
    assert cached["input_uncached_tokens"] == 10
    assert (cached["cache_read_tokens"], cached["cache_write_other_tokens"]) == (300, 20)


def test_openais_cache_is_part_of_its_input(
    written: Callable[..., Path], usage: Callable[..., UsageLog], rows: Rows
) -> None:
    line = (
        '{"schema_version":1,"kind":"wire","at":"2026-11-25T10:00:00.5Z","provider":"openai","call":1,'
        '"dialect":"openai_chat","ended":"complete","status":200,"complete":true,"stream":false,'
        '"input_tokens":100,"cache_read_tokens":80,"output_tokens":5}\n'
    )
    row = rows(usage(written(line)))[0]
    assert (row["input_uncached_tokens"], row["cache_read_tokens"]) == (20, 80)


def test_an_embedding_has_no_output(read: list[dict[str, Any]]) -> None:
    assert (read[5]["model_served"], read[5]["input_uncached_tokens"], read[5]["output_total_tokens"]) == (
        "text-embedding-3-small",
        2,
        0,
    )


def test_a_good_answer_whose_tokens_nobody_told_is_rejected_and_not_free(
    written: Callable[..., Path], usage: Callable[..., UsageLog]
) -> None:
    line = (
        '{"schema_version":1,"kind":"wire","at":"2026-11-25T10:00:00.5Z","provider":"openai","call":1,'
        '"dialect":"openai_chat","ended":"complete","status":200,"complete":true,"stream":true}\n'
    )
    with pytest.raises(NoData, match=f"{NO_COUNTS}: 1"):
        usage(written(line))


CUT = (
    '{{"schema_version":1,"kind":"wire","at":"2026-11-25T10:00:00.5Z","provider":"p","call":{call},'
    '"dialect":"{dialect}","ended":"{ended}","status":200,"upstream_status":200,"stream":true,"complete":{complete},'
    '"finish_reason":{finish},"model_asked":"m","input_tokens":{counts[0]},"output_tokens":{counts[1]}}}\n'
)


@pytest.mark.parametrize(
    ("dialect", "counts", "reason"),
    [
        ("anthropic_messages", (12, 1), OUTPUT_CUT),  # message_start says 1 before a word is made
        ("gemini", (12, 3), OUTPUT_CUT),  # each chunk counts what there is so far
        ("openai_chat", ("null", "null"), COUNTS_CUT),  # usage comes last
    ],
)
def test_a_first_count_of_a_cut_answer_is_a_lower_bound_and_named(
    dialect: str, counts: tuple[Any, Any], reason: str, written: Callable[..., Path], usage: Callable[..., UsageLog]
) -> None:
    cut = {"dialect": dialect, "complete": "false", "finish": "null", "counts": counts}
    lines = [
        CUT.format(call=call, ended=ended, **cut)
        for call, ended in enumerate(("upstream_reset", "client_gone", "fault"))
    ]
    log = usage(written("".join(lines)))
    assert log.at_least_by_reason == {reason: 3}
    known = tuple(0 if count == "null" else count for count in counts)
    sql = "select distinct input_uncached_tokens, output_total_tokens from usage"
    assert log.connection.execute(sql).fetchall() == [known]


@pytest.mark.parametrize(
    ("dialect", "complete", "finish"),
    [
        ("anthropic_messages", "true", '"end_turn"'),
        ("anthropic_messages", "false", '"end_turn"'),  # the final count came, its terminal mark did not
        ("openai_chat", "false", "null"),  # its count is final whenever it comes
    ],
)
def test_a_final_count_is_no_lower_bound(
    dialect: str, complete: str, finish: str, written: Callable[..., Path], usage: Callable[..., UsageLog]
) -> None:
    line = CUT.format(call=1, dialect=dialect, ended="complete", complete=complete, finish=finish, counts=(12, 48))
    assert usage(written(line)).at_least_by_reason == {}


def test_two_copies_of_a_journal_count_once(samples: Path, tmp_path: Path, usage: Callable[..., UsageLog]) -> None:
    file, copy = samples / "llmops_journal.jsonl", tmp_path / "copy.jsonl"
    shutil.copy(file, copy)
    assert usage([file, copy]).connection.execute("select count(*) from usage").fetchall() == [(10,)]
