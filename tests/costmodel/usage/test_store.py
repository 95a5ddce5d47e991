"""The account of all records: nothing vanishes, whatever the bytes are."""

import gzip
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from llmops.costmodel.usage.readers.base import readers
from llmops.costmodel.usage.reasons import DUPLICATE, NEGATIVE, NOT_JSON, NOT_UTF8, WRONG_COLUMNS
from llmops.costmodel.usage.store import SourceIntake, UsageLog, read_usage
from llmops.errors import BadInput, ExitCode, LlmopsError, NoData

Usage = Callable[..., UsageLog]
Written = Callable[..., Path]
CALL = b'{"object": "chat.completion", "id": "%d", "usage": {"prompt_tokens": 10, "completion_tokens": 1}}\n'
ALL = Decimal(100)


def calls(count: int, start: int = 0) -> bytes:
    return b"".join(CALL % n for n in range(start, start + count))


def test_several_files_of_several_kinds_are_one_log(usage: Usage, written: Written, samples: Path) -> None:
    files = [written(gzip.compress(calls(2)), "packed"), samples / "azure_llm_trace.csv"]
    log = usage([*files, Path("-")], stdin=io.BytesIO(calls(3, start=1)))
    assert [source.log_format for source in log.sources] == ["openai_chat", "azure_llm_trace", "openai_chat"]
    assert [source.rows_read for source in log.sources] == [1, 2, 3]
    assert log.set_aside_by_reason == {DUPLICATE: 1}
    assert log.sources[2].name == "standard input"


def test_rows_know_their_file_and_record(
    usage: Usage, written: Written, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    files = [written(calls(2), "one"), written(b"\n" + calls(1, 5) + b"rubbish\n" + calls(1, 6), "two")]
    log = usage(files, max_rejected_percent=ALL)
    places = [(row["source_id"], row["record"], row["dedupe_key"]) for row in rows(log)]
    assert places == [(0, 1, "0"), (0, 2, "1"), (1, 2, "5"), (1, 4, "6")]  # in JSON lines the record is the line


def test_rubbish_in_the_middle_is_one_rejected_row(usage: Usage, written: Written) -> None:
    log = usage(written(calls(100) + b"rubb\xffish {{{\n" + calls(99, 100)))
    assert (log.rows_in_file, log.rows_read, log.rejected_by_reason) == (200, 199, {NOT_UTF8: 1})


def test_rubbish_in_the_middle_of_csv_is_one_rejected_row(usage: Usage, written: Written) -> None:
    row = "2026-01-01 00:00:00,10,1\n"
    content = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + row * 100 + '"rubbish\n' + row * 100
    log = usage(written(content))
    assert (log.rows_in_file, log.rows_read, log.rejected_by_reason) == (201, 200, {WRONG_COLUMNS: 1})


def test_rejects_are_written_with_their_reason(usage: Usage, written: Written, tmp_path: Path) -> None:
    log = written(calls(2) + b"rubbish \xff\n" + (CALL % 9).replace(b"10", b"-1"))
    usage(log, rejects=tmp_path / "bad.jsonl", max_rejected_percent=ALL)
    first, second = (json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines())
    assert first == {"source": str(log), "record": 3, "reason": NOT_UTF8, "text": "rubbish \N{REPLACEMENT CHARACTER}"}
    assert (second["record"], second["reason"]) == (4, NEGATIVE)
    assert json.loads(second["text"])["id"] == "9"


def test_rejects_of_a_table_have_the_fields_that_were_read(usage: Usage, written: Written, tmp_path: Path) -> None:
    content = "TIMESTAMP,ContextTokens,GeneratedTokens\n2026-01-01,10,1\n2026-01-01,,1\n"
    usage(written(content), rejects=tmp_path / "bad.jsonl", max_rejected_percent=ALL)
    assert json.loads((tmp_path / "bad.jsonl").read_text())["text"] == "2026-01-01,,1"


def test_rejects_are_cut_and_written_though_the_run_fails(usage: Usage, written: Written, tmp_path: Path) -> None:
    with pytest.raises(NoData, match="1 of 2 rows were rejected, over 1 percent"):
        usage(written(calls(1) + b"x" * 5000), rejects=tmp_path / "bad.jsonl")
    assert len(json.loads((tmp_path / "bad.jsonl").read_text())["text"]) == 2000


def test_rejects_never_overwrite_a_log(usage: Usage, written: Written) -> None:
    log = written(calls(2))
    with pytest.raises(BadInput, match="is one of the logs"):
        usage(log, rejects=log)
    assert log.read_bytes() == calls(2)


def test_rejects_that_cannot_be_written_are_bad_input(usage: Usage, written: Written, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot write"):
        usage(written(calls(1)), rejects=tmp_path / "none" / "bad.jsonl")


def test_the_limit_of_rejected_rows_is_a_percentage_that_may_be_reached(usage: Usage, written: Written) -> None:
    log = written(calls(99) + b"rubbish\n")
    assert usage(log).rows_rejected == 1  # exactly one percent
    with pytest.raises(NoData, match="not a JSON object: 1") as caught:
        usage(log, max_rejected_percent=Decimal("0.99"))
    assert caught.value.exit_code == ExitCode.NO_DATA


@pytest.mark.parametrize(
    ("content", "error", "code"),
    [
        (b"", NoData, 3),
        (b"\n\n", NoData, 3),
        (gzip.compress(b"", mtime=0), NoData, 3),
        (b"TIMESTAMP,ContextTokens,GeneratedTokens\n", NoData, 3),
        (b'{"object": "response"}\n', NoData, 3),
        (gzip.compress(calls(9), mtime=0)[:-8], BadInput, 2),
        (calls(9).decode().encode("utf-16"), BadInput, 2),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", BadInput, 2),
        (b"what is this?", BadInput, 2),
    ],
)
def test_bad_input_has_a_sentence_a_hint_and_its_exit_code(
    usage: Usage, written: Written, content: bytes, error: type[LlmopsError], code: int
) -> None:
    with pytest.raises(error) as caught:
        usage(written(content))
    assert caught.value.exit_code == code
    assert str(caught.value)
    assert caught.value.hint
    assert "\n" not in str(caught.value)  # the hint may be a list


def test_an_empty_file_beside_others_is_no_error(usage: Usage, written: Written) -> None:
    log = usage([written(b"", "empty"), written(calls(1))])
    assert log.sources[0] == SourceIntake(0, str(log.sources[0].name), "", 0, 0, {}, {})
    assert log.rows_read == 1


def test_an_account_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(RuntimeError, match="do not add up"):
        SourceIntake(0, "log", "x", rows_in_file=3, rows_read=1, set_aside={"a": 1}, rejected={})


def test_nothing_is_left_behind(written: Written, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    with read_usage([str(written(gzip.compress(calls(2))))]) as log:
        assert log.rows_read == 2
    assert list(spool.iterdir()) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
known_keys = st.sampled_from([
    "object", "usage", "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "type", "id", "created",
    "timestamp", "response", "body", "result", "message", "custom_id", "metadata", "usage_object", "request_id",
    "call_type", "spend", "startTime", "endTime", "request_tags", "status", "error", "resourceSpans", "scopeSpans",
    "spans", "attributes", "key", "value", "traceId", "spanId", "parentSpanId", "resource", "prompt_tokens_details",
])  # fmt: skip
near_values = st.recursive(
    json_values
    | st.sampled_from(["chat.completion", "message", "7", "-1", "2026-01-01", "1e9", "{}", "[1]", "\u0000"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(known_keys, inner, max_size=6),
    max_leaves=20,
)
known = st.sampled_from([name for name in readers.names() if name != "mapping"])


def conserved(content: bytes, log_format: str | None) -> UsageLog | None:
    """Read, and check the account (SourceIntake refuses one that does not add up); None for an error of ours."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        path.write_bytes(content)
        try:
            with read_usage([str(path)], log_format=log_format, max_rejected_percent=ALL) as log:
                (count,) = log.connection.execute("select count(*) from usage").fetchall()[0]
                assert count == log.rows_read
                bad = "select count(*) from usage where least(input_uncached_tokens, output_total_tokens, requests) < 0"
                assert log.connection.execute(bad).fetchall() == [(0,)]
                return log
        except LlmopsError:
            return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200), st.none() | known)
@example(b"\x1f\x8b", None)
@example(b"PAR1", None)
@example(b'"', "azure_llm_trace")
@example(b"[" * 5000, None)
def test_arbitrary_bytes_end_in_rows_or_in_an_error_of_ours(content: bytes, log_format: str | None) -> None:
    conserved(content, log_format)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=30), max_size=5), st.integers(0, 5))
def test_arbitrary_lines_among_good_ones_are_each_counted(rubbish: list[bytes], place: int) -> None:
    lines = [line for part in rubbish for line in part.replace(b"\r", b"\n").split(b"\n") if line.strip(b" \t\v\f")]
    content = calls(place) + b"\n".join(lines) + b"\n" + calls(9 - place, place)
    log = conserved(content, "openai_chat")
    if log is not None:
        assert log.rows_in_file == 9 + len(lines)
        assert set(log.rejected_by_reason) <= {NOT_JSON, NOT_UTF8, "no token counts"}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(near_values, min_size=1, max_size=6), known)
def test_arbitrary_json_is_each_counted(values: list[Any], log_format: str) -> None:
    content = "".join(json.dumps(value) + "\n" for value in values).encode()
    conserved(content, log_format)
    log = conserved(calls(1) + content, "openai_chat")
    assert log is not None
    assert log.rows_in_file == 1 + len(values)
