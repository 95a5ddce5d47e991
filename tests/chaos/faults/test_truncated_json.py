from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.truncated_json import TruncatedJson
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
CODINGS = ("", "gzip", "deflate", "br", "zstd")


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_half_of_the_body_and_a_true_length(through: Callable[..., Any], dialect: str, coding: str) -> None:
    seen = through(TruncatedJson(), dialect, coding=coding)
    assert seen.body == seen.upstream[: len(seen.upstream) // 2]
    assert seen.ended
    assert seen.applied == [
        {"applied": True, "what": "body cut", "bytes_before": len(seen.upstream), "bytes_after": len(seen.body)}
    ]


def test_a_stream_is_reported(through: Callable[..., Any]) -> None:
    seen = through(TruncatedJson(), stream=True)
    assert (seen.body, seen.reasons) == (seen.upstream, ["it edits whole bodies, and this answer is a stream"])


@pytest.mark.parametrize("ratio", [-0.1, 1.0])
def test_a_ratio_outside_is_refused(ratio: float) -> None:
    with pytest.raises(BadInput):
        TruncatedJson(ratio)


def test_a_refusal_of_the_upstream_is_no_answer_to_spoil(through: Callable[..., Any]) -> None:
    seen = through(TruncatedJson(), status=400, body=b'{"error":{"message":"no"}}')
    assert (seen.body, seen.reasons) == (seen.upstream, ["the upstream answered 400, which is no answer to spoil"])
