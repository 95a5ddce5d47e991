from collections.abc import Callable

import pytest

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.error_text import ErrorText

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize("what", ["text", "structured"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_healthy_answer_is_no_error(healthy: Callable[..., Checked], dialect: str, stream: bool, what: str) -> None:
    assert ErrorText().judge(healthy(dialect, what, stream=stream)).outcome == "valid"


@pytest.mark.parametrize(
    "text",
    [
        "[API ERROR] HTTP 500: Internal Server Error",
        "Error: HTTP 503",
        "Upstream error 502",
        "502 Bad Gateway",
        "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
        "The server had an error while processing your request. Sorry about that!",
        "Rate limit reached for gpt-4o in organization org-1 on requests per min (RPM): Limit 3, Used 3.",
        "The model is overloaded. Please try again later.",
        '{"error": {"message": "bad key", "type": "invalid_request_error"}}',
        "<html><head><title>502 Bad Gateway</title></head></html>",
    ],
)
def test_an_error_told_as_the_answer_is_seen(said: Callable[..., Checked], text: str) -> None:
    assert ErrorText().judge(said(text)).reason == "an error told as the answer"


@pytest.mark.parametrize(
    "text",
    [
        "Error 404 means that the page was not found.",
        "A 502 is sent by a gateway whose upstream failed.",
        "Errors are values in Go.",
        '{"status": "error", "error": null}',
    ],
)
def test_to_speak_of_errors_is_none(said: Callable[..., Checked], text: str) -> None:
    assert ErrorText().judge(said(text)).outcome == "valid"


def test_a_long_text_explains_an_error(said: Callable[..., Checked]) -> None:
    start = "502 Bad Gateway is what a proxy says. "
    assert ErrorText().judge(said(start + "x" * (400 - len(start)))).outcome == "invalid"  # 400 characters
    assert ErrorText().judge(said(start + "x" * (401 - len(start)))).outcome == "valid"


def test_an_error_that_was_asked_about_decides_nothing(said: Callable[..., Checked]) -> None:
    assert ErrorText().judge(said("502 Bad Gateway", "Spell out 502 Bad Gateway for me")).outcome == "undecided"
