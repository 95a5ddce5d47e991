import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.schema_break import SchemaBreak
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


TRUE = {"city": "Bern", "canton": "Aargau", "people": 134794, "year": 2023, "rivers": ["Aare", "Sulgenbach"]}


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_required_field_is_gone(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(SchemaBreak(), dialect, "structured", stream=stream, schema=True)
    assert json.loads(seen.said(dialect)) == {name: value for name, value in TRUE.items() if name != "city"}
    assert seen.applied[0]["what"] == "schema broken: missing_required"


def test_a_field_has_another_type(through: Callable[..., Any]) -> None:
    seen = through(SchemaBreak("wrong_type"), "openai_chat", "structured", schema=True)
    assert json.loads(seen.said("openai_chat")) == {**TRUE, "city": {"value": "Bern"}}


@pytest.mark.parametrize("how", ["prose", "fence"])
def test_the_json_stands_amid_text(through: Callable[..., Any], how: str) -> None:
    said = through(SchemaBreak(how), "gemini", "structured", schema=True, stream=True).said("gemini")
    with pytest.raises(json.JSONDecodeError):
        json.loads(said)
    assert json.loads(said[said.index("{") : said.rindex("}") + 1]) == TRUE


def test_a_request_without_a_schema_is_reported(through: Callable[..., Any]) -> None:
    seen = through(SchemaBreak(), "openai_chat", "structured")
    assert (seen.body, seen.reasons) == (seen.upstream, ["the request gives no schema"])


def test_another_way_is_refused() -> None:
    with pytest.raises(BadInput):
        SchemaBreak("enum")
