from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.wire.errors import NoSuchErrorInDialectError
from llmops.chaos.wire.openai_embeddings import OpenaiEmbeddings

EMBEDDINGS = OpenaiEmbeddings()


def test_what_was_answered(answer: Callable[..., bytes], observed: Callable[..., Any]) -> None:
    answered, _ = observed(EMBEDDINGS, answer("openai_embeddings"), stream=False)
    assert (answered.model, answered.input_tokens, answered.output_tokens) == ("text-embedding-3-small", 9, None)
    assert answered.complete


def test_what_was_asked() -> None:
    one = EMBEDDINGS.asked(b"/v1/embeddings", b'{"model":"e","input":["a","b"]}')
    other = EMBEDDINGS.asked(b"/openai/deployments/d/embeddings", b'{"input":["a","c"]}')
    assert one is not None
    assert other is not None
    assert (one.model, other.model, one.stream) == ("e", "d", False)
    assert one.messages_hash != other.messages_hash
    assert EMBEDDINGS.asked(b"/v1/embeddings", b"{}") is None


def test_it_is_never_streamed() -> None:
    with pytest.raises(NoSuchErrorInDialectError):
        EMBEDDINGS.stream_error("overloaded")
