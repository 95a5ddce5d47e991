"""One call as its client saw it."""

import json
from dataclasses import replace

import pytest

from llmops.chaos.load.record import CallRecord, line_of, record_of

RECORD = CallRecord(
    request_id="run-1", dialect="openai_chat", path="/chat/completions", model_asked="m", tenant="acme", stream=True,
    request_body=b'{"secret prompt"}', scheduled_at=100.0, dispatched_at=100.25, sent_at=101.0, connected_at=101.5,
    first_byte_at=102.0, first_token_at=103.0, piece_times=(103.0, 104.0, 104.0), ended_at=105.0, status=200,
    answer_body=b"secret answer", complete=True, finish_reason="stop", text="secret text", text_characters=11,
    refusal="secret refusal", tool_arguments=("secret call",), output_tokens=30, output_reasoning_tokens=10,
)  # fmt: skip


def test_latencies_count_from_when_it_was_due_and_from_when_it_was_sent() -> None:
    assert (RECORD.scheduled_latency_s, RECORD.e2e_s) == (5.0, 4.0)
    assert (RECORD.scheduled_ttft_s, RECORD.ttft_s) == (3.0, 2.0)


def test_what_was_never_sent_or_said_has_no_latency() -> None:
    unsent = replace(RECORD, sent_at=None)
    assert (unsent.e2e_s, unsent.ttft_s, unsent.scheduled_latency_s) == (None, None, 5.0)
    silent = replace(RECORD, first_token_at=None)
    assert (silent.ttft_s, silent.scheduled_ttft_s) == (None, None)


def test_nobody_sees_the_tokens_of_reasoning() -> None:
    assert RECORD.visible_tokens == 20
    assert replace(RECORD, output_reasoning_tokens=None).visible_tokens == 30
    assert replace(RECORD, output_tokens=None).visible_tokens is None


@pytest.mark.parametrize(
    ("given", "succeeded"),
    [
        ({}, True),
        ({"status": 299}, True),
        ({"status": 300}, False),
        ({"status": None}, False),
        ({"complete": False}, False),
        ({"transport_error": "reset"}, False),
        ({"error_type": "overloaded_error"}, False),
        ({"says_something": True}, True),
        ({"says_something": False}, False),
    ],
)
def test_a_success_is_a_complete_answer_without_an_error(given: dict[str, object], succeeded: bool) -> None:
    assert replace(RECORD, **given).succeeded is succeeded  # type: ignore[arg-type]


def test_a_line_gives_back_the_record() -> None:
    back = record_of(json.loads(line_of(RECORD, bodies=True)))
    assert list(back.piece_times) == [103.0, 104.0, 104.0]
    assert replace(back, piece_times=RECORD.piece_times) == RECORD


def test_prompts_and_answers_are_in_a_line_only_where_asked_for() -> None:
    line = line_of(RECORD)
    assert b"secret" not in line
    assert line_of(RECORD, bodies=True).count(b"secret") == 5
    assert line.endswith(b"}\n")
    told = json.loads(line)
    assert (told["kind"], told["at"], told["text_characters"]) == ("call", "1970-01-01T00:01:40.000000Z", 11)
    assert record_of(told).text == ""


@pytest.mark.parametrize("line", [None, [], 3, {}, {"kind": "call"}, {"kind": "wire", "schema_version": 1}])
def test_what_is_no_record_is_refused(line: object) -> None:
    with pytest.raises(ValueError, match=r"no record of a call|schema version"):
        record_of(line)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ended_at", None),
        ("ended_at", "abc"),
        ("ended_at", True),
        ("sent_at", "1"),
        ("first_token_at", False),
        ("piece_times", None),
        ("piece_times", [1.0, None]),
        ("piece_times", [True]),
        ("status", "200"),
        ("complete", None),
        ("output_tokens", 1.5),
        ("model_asked", None),
        ("transport_error", 7),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_name(name: str, value: object) -> None:
    line = json.loads(line_of(RECORD))
    with pytest.raises(ValueError, match=f"'{name}'"):
        record_of({**line, name: value})


@pytest.mark.parametrize("name", ["sent_at", "ended_at", "first_token_at", "piece_times", "status", "complete"])
def test_a_line_that_lacks_what_every_line_has_is_refused(name: str) -> None:
    line = json.loads(line_of(RECORD))
    del line[name]
    with pytest.raises(ValueError, match=f"'{name}'"):
        record_of(line)


def test_a_line_of_another_schema_version_is_refused() -> None:
    with pytest.raises(ValueError, match="has the schema version 99, and 1 is what is read"):
        record_of({**json.loads(line_of(RECORD)), "schema_version": 99})


def test_whole_numbers_are_times_and_older_lines_do_not_tell_what_is_empty() -> None:
    line = {**json.loads(line_of(RECORD)), "scheduled_at": 100, "piece_times": [103, 104]}
    del line["says_something"]
    back = record_of(line)
    assert (back.scheduled_at, list(back.piece_times), back.says_something) == (100, [103.0, 104.0], None)
