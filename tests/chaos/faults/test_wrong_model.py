from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.wrong_model import WrongModel
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]
CODINGS = ("", "gzip", "deflate", "br", "zstd")


def models(value: object) -> set[str]:
    """All that is said to be the model, at any depth."""
    if isinstance(value, list):
        return set().union(*map(models, value))
    if not isinstance(value, dict):
        return set()
    here = {value[name] for name in ("model", "modelVersion") if name in value}
    return here.union(*map(models, value.values()))


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_name_is_another_everywhere(through: Callable[..., Any], dialect: str, stream: bool, coding: str) -> None:
    seen = through(WrongModel("other"), dialect, stream=stream, coding=coding)
    assert models(seen.payloads if stream else seen.json) == {"other"}
    assert seen.said(dialect) == through([], dialect, stream=stream).said(dialect)
    assert seen.applied == [{"applied": True, "what": "model other"}]


def test_an_embedding_too(through: Callable[..., Any]) -> None:
    assert through(WrongModel("other"), "openai_embeddings").json["model"] == "other"


def test_events_without_a_model_stay_byte_for_byte(through: Callable[..., Any]) -> None:
    seen = through(WrongModel(), "anthropic_messages", stream=True)
    assert sum(event not in seen.upstream for event in seen.events) == 1


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(BadInput):
        WrongModel("")
