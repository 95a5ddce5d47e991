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


@pytest.mark.parametrize("line", [{}, {"kind": "call"}, {"request_id": 1, "piece_times": ["x"]}])
def test_what_is_no_record_is_refused(line: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        record_of(line)
