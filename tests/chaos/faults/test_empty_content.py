import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.empty_content import EmptyContent
from llmops.chaos.faults.whitespace_content import WhitespaceContent
from llmops.errors import BadInput

FAULT, TEXT = EmptyContent(), ""


def test_the_text_is_another_and_the_receipt_says_so(constant_text: Callable[..., None]) -> None:
    constant_text(FAULT, TEXT)


def test_the_events_that_repeat_the_text_agree(repeated_text: Callable[..., None]) -> None:
    repeated_text(FAULT, TEXT)


def test_an_answer_of_tools_has_no_text(no_text_in_tools: Callable[..., None]) -> None:
    no_text_in_tools(FAULT)


@pytest.mark.parametrize("stream", [False, True])
def test_usage_is_scaled_or_left(through: Callable[..., Any], stream: bool) -> None:
    def counted(**fields: Any) -> tuple[int, int]:
        seen = through(EmptyContent(**fields), stream=stream)
        usage = (seen.payloads[-1] if stream else seen.json)["usage"]
        return usage["completion_tokens"], usage["total_tokens"]

    assert counted() == (10, 10 + 20)  # 10 of reasoning stay, 30 of text are gone
    assert counted(usage="left") == (40, 60)


def gemini_chunk(text: str, tokens: int, finish: str = "") -> bytes:
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    usage = {"promptTokenCount": 20, "candidatesTokenCount": tokens, "totalTokenCount": 20 + tokens}
    said = {"candidates": [{**candidate, **({"finishReason": finish} if finish else {})}], "usageMetadata": usage}
    return b"data: " + json.dumps(said).encode() + b"\r\n\r\n"


def test_counts_that_gemini_tells_on_the_way_are_scaled_too(through: Callable[..., Any]) -> None:
    body = gemini_chunk("abcdefgh", 4) + gemini_chunk("ijklmnop", 8) + gemini_chunk("qrst", 10, "STOP")

    def counted(fault: Any) -> list[tuple[int, int]]:
        usages = [one["usageMetadata"] for one in through(fault, "gemini", stream=True, body=body).payloads]
        return [(usage["candidatesTokenCount"], usage["totalTokenCount"]) for usage in usages]

    assert counted(EmptyContent()) == [(0, 20), (0, 20), (0, 20)]
    assert counted(EmptyContent(usage="left")) == [(4, 24), (8, 28), (10, 30)]
    # 3 characters are said for 8, then all 4 for 16 and for 20: 4 × 3 / 8, 8 × 4 / 16, 10 × 4 / 20
    assert counted(WhitespaceContent(text="\t\t \n")) == [(2, 22), (2, 22), (2, 22)]


@pytest.mark.parametrize("wrong", [{"usage": "kept"}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        EmptyContent(**wrong)
