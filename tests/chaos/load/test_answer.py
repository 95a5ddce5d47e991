"""Reading answers as they come."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.load.answer import AnswerReader, UnreadableAnswer
from llmops.chaos.wire import sse
from llmops.chaos.wire.dialects import DIALECTS

STREAM, JSON = b"text/event-stream; charset=utf-8", b"application/json"
CHAT = DIALECTS["openai_chat"]


def chunk(content: str) -> bytes:
    return b'data: {"model":"m","choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n' % content.encode()


def read(*parts: bytes, dialect: str = "openai_chat", kind: bytes = STREAM, coding: bytes = b"", **given: Any) -> Any:
    """Each part comes a second after the one before, the first at second 1; the end with the last."""
    reader = AnswerReader(DIALECTS[dialect], **given)
    reader.begin(200, kind, coding)
    for at, part in enumerate(parts, start=1):
        reader.feed(part, float(at))
    reader.finish(float(len(parts)))
    return reader


def test_each_visible_piece_has_its_time() -> None:
    reader = read(
        chunk(""), b": keep-alive\n\n", chunk("a"), chunk("b") + chunk("c"), chunk("d")[:20], chunk("d")[20:],
        b"data: [DONE]\n\n",
    )  # fmt: skip
    assert reader.first_token_at == 3.0  # the first event has no words, the second is a comment
    assert list(reader.piece_times) == [3.0, 4.0, 4.0, 6.0]  # two at once; one in two halves
    assert reader.terminal_at == 7.0
    outcome = reader.outcome()
    assert (outcome["text"], outcome["complete"], outcome["model_answered"]) == ("abcd", True, "m")


def test_reasoning_before_the_answer_is_waited_for() -> None:
    thinking = b'data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}\n\n'
    assert read(thinking, thinking, chunk("a")).first_token_at == 3.0


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages", "gemini"])
def test_the_bytes_may_be_split_anywhere(dialect: str, answer_bytes: Callable[..., bytes]) -> None:
    data = answer_bytes(dialect, stream=True)
    expected = read(data, dialect=dialect).outcome()
    assert expected["complete"]
    assert str(expected["text"]).startswith("Zürich has")
    assert (expected["output_tokens"], expected["output_reasoning_tokens"]) == (40, 10)
    times = ("first_token_at", "piece_times")
    for at in range(1, len(data), 7):
        found = read(data[:at], data[at:], dialect=dialect).outcome()
        assert {k: v for k, v in found.items() if k not in times} == {
            k: v for k, v in expected.items() if k not in times
        }
        assert len(found["piece_times"]) == len(expected["piece_times"])


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages", "gemini"])
def test_a_stream_without_its_terminal_mark_is_not_complete(dialect: str, answer_bytes: Callable[..., bytes]) -> None:
    reader = read(*sse.split_all(answer_bytes(dialect, stream=True))[:6], dialect=dialect)
    assert (reader.outcome()["complete"], reader.terminal_at) == (False, None)
    assert reader.outcome()["text"]


def test_a_whole_body_has_no_first_token() -> None:
    body = b'{"model":"m","choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}'
    reader = read(body[:30], body[30:], kind=JSON)
    outcome = reader.outcome()
    assert (outcome["text"], outcome["complete"], outcome["unreadable"]) == ("yes", True, False)
    assert (reader.first_token_at, list(reader.piece_times)) == (None, [])


@pytest.mark.parametrize("body", [b"<html>502 Bad Gateway</html>", b"", b'{"choices":[{"mess', b"[]"])
def test_what_is_no_json_is_unreadable_and_no_answer(body: bytes) -> None:
    outcome = read(body, kind=b"text/html").outcome()
    assert (outcome["unreadable"], outcome["complete"]) == (True, False)


def test_an_event_that_is_no_json_is_unreadable() -> None:
    assert read(chunk("a"), b'data: {"choices":\n\n', b"data: [DONE]\n\n").outcome()["unreadable"] is True
    assert read(chunk("a"), b"data: [DONE]\n\n").outcome()["unreadable"] is False


def test_an_error_event_is_told_from_an_error_body() -> None:
    error = b'{"error":{"message":"x","type":"server_error"}}'
    in_stream = read(chunk("a"), b"data: " + error + b"\n\n").outcome()
    assert (in_stream["error_type"], in_stream["error_event"], in_stream["text"]) == ("server_error", True, "a")
    in_body = read(error, kind=JSON).outcome()
    assert (in_body["error_type"], in_body["error_event"]) == ("server_error", False)


def test_a_coded_stream_is_read_as_it_comes() -> None:
    data = gzip.compress(chunk("a") + b"data: [DONE]\n\n")
    outcome = read(data[:10], data[10:], coding=b"gzip").outcome()
    assert (outcome["text"], outcome["complete"], outcome["answer_bytes"]) == ("a", True, len(data))


@pytest.mark.parametrize(
    ("coding", "data"), [(b"gzip", b"no gzip"), (b"gzip", gzip.compress(b"{}", mtime=0)[:-4]), (b"x", b"")]
)
def test_a_body_that_is_not_what_its_coding_says_is_unreadable(coding: bytes, data: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        read(data, coding=coding)


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmops.chaos.load.answer.LIMIT_BYTES", 100)
    assert read(b" " * 100, kind=JSON)
    with pytest.raises(UnreadableAnswer, match="longer than 100 bytes"):
        read(b" " * 60, b" " * 41, kind=JSON)


def test_the_body_is_kept_where_asked_for() -> None:
    data = chunk("a") + b"data: [DONE]\n\n"
    assert read(data, keep_body=True).outcome()["answer_body"] == data
    assert read(gzip.compress(data), keep_body=True, coding=b"gzip").outcome()["answer_body"] == data
    assert read(data).outcome()["answer_body"] is None


def test_a_last_event_that_ends_in_carriage_returns_is_whole() -> None:
    assert read(chunk("a").replace(b"\n", b"\r"), b"data: [DONE]\r\r").outcome()["complete"] is True


DONE = b"data: [DONE]\n\n"
EMPTY_CHAT = b'{"choices":[{"message":{"content":"%s"},"finish_reason":"stop"}],"usage":{"completion_tokens":0}}'
CALLED = b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"now"}}]}}]}\n\n'
ENDED = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\n'
SEARCHED = b'{"type":"message","stop_reason":"end_turn","content":[{"type":"server_tool_use","name":"web_search"}]}'
CUSTOM = b'{"object":"response","status":"completed","output":[{"type":"custom_tool_call","input":"x"}]}'


@pytest.mark.parametrize(
    ("parts", "given", "expected"),
    [
        ([DONE], {}, False),
        ([chunk(" "), chunk("\\n"), DONE], {}, False),
        ([EMPTY_CHAT % b""], {"kind": JSON}, False),
        ([b'{"type":"message","content":[],"stop_reason":"end_turn"}'],
         {"kind": JSON, "dialect": "anthropic_messages"}, False),
        ([chunk("a"), DONE], {}, True),
        ([EMPTY_CHAT % b"a"], {"kind": JSON}, True),
        ([CALLED, DONE], {}, True),  # without arguments
        ([b'{"choices":[{"message":{"refusal":"no"},"finish_reason":"stop"}]}'], {"kind": JSON}, True),
        ([SEARCHED], {"kind": JSON, "dialect": "anthropic_messages"}, True),
        ([CUSTOM], {"kind": JSON, "dialect": "openai_responses"}, True),
        ([ENDED, DONE], {}, None),  # a call that nobody saw
    ],
)  # fmt: skip
def test_an_answer_without_words_and_calls_is_told_from_one_that_says_something(
    parts: list[bytes], given: dict[str, Any], expected: bool | None
) -> None:
    assert read(*parts, **given).outcome()["says_something"] is expected


def test_embeddings_have_no_words_and_are_not_empty_for_that() -> None:
    body = b'{"object":"list","data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":1}}'
    assert read(body, kind=JSON, dialect="openai_embeddings").outcome()["says_something"] is None
