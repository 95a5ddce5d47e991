"""Statuses and the kinds of error they mean."""

import pytest

from llmops.chaos.http_answers import check_error_status, kind_of_status, whole
from llmops.chaos.wire.errors import all_kinds
from llmops.chaos.wire.parts import AnswerHead, Body, End
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
