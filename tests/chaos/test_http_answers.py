"""Statuses and the kinds of error they mean."""

from random import Random

import pytest

from llmops.chaos.faults.base import FaultContext, Request
from llmops.chaos.http_answers import check_error_status, kind_of_status, provider_error, whole
from llmops.chaos.wire.errors import all_kinds
from llmops.chaos.wire.parts import AnswerHead, Body, End, RequestHead
from llmops.errors import BadInput


def test_every_status_of_an_error_has_a_kind_that_exists() -> None:
    assert {kind_of_status(status) for status in range(400, 600)} <= set(all_kinds())
    assert (kind_of_status(499), kind_of_status(500), kind_of_status(529)) == (
        "invalid_request",
        "server_error",
        "overloaded",
    )


@pytest.mark.parametrize("status", [399, 600])
def test_other_statuses_are_no_errors(status: int) -> None:
    with pytest.raises(BadInput, match=f"here: {status}"):
        check_error_status(status, where="here")


def test_a_whole_answer_says_its_length() -> None:
    head, body, end = whole(529, {"x": "y"}, b"abc")
    assert head == AnswerHead(529, b"Overloaded", ((b"x", b"y"), (b"content-length", b"3")))
    assert (body, end) == (Body(b"abc"), End())


@pytest.mark.parametrize(
    ("target", "status", "word", "error_of"),
    [
        (b"/v1/files", 503, b"Slow Down", "openai"),
        (b"/v1/messages/count_tokens", 529, b"overloaded_error", "anthropic"),
        (b"/v1beta/models/m:countTokens", 503, b"UNAVAILABLE", "gemini"),
        (b"/healthz", 529, b"overloaded", "nobody: a plain error"),
    ],
)
def test_a_route_that_no_dialect_reads_gets_the_error_of_its_provider(
    target: bytes, status: int, word: bytes, error_of: str
) -> None:
    context = FaultContext(Request(RequestHead(b"POST", target, (), b""), b"", None, None), Random(0))
    head, body, _ = provider_error(context, "overloaded")
    assert isinstance(head, AnswerHead)
    assert isinstance(body, Body)
    assert (head.status, word in body.data) == (status, True)
    assert context.noted[0]["error_of"] == error_of
