from typing import Any

import pytest

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.structure import plain, wanted_of
from llmops.chaos.wire.dialects import DIALECTS

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def wanted(dialect: str, request: dict[str, Any]) -> Any:
    return wanted_of(Checked(request, b"{}", DIALECTS[dialect]))


@pytest.mark.parametrize(
    ("dialect", "request_body"),
    [
        ("openai_chat", {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}}),
        ("openai_responses", {"text": {"format": {"type": "json_schema", "schema": SCHEMA}}}),
        ("anthropic_messages", {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}),
        ("gemini", {"generationConfig": {"responseJsonSchema": SCHEMA}}),
    ],
)
def test_a_schema_of_the_answer_is_found_in_every_dialect(dialect: str, request_body: dict[str, Any]) -> None:
    assert (wanted(dialect, request_body).json, wanted(dialect, request_body).schema) == (True, SCHEMA)


@pytest.mark.parametrize(
    ("dialect", "request_body"),
    [
        ("openai_chat", {"response_format": {"type": "json_object"}}),
        ("openai_responses", {"text": {"format": {"type": "json_object"}}}),
        ("gemini", {"generationConfig": {"responseMimeType": "application/json"}}),
    ],
)
def test_json_may_be_asked_for_without_a_schema(dialect: str, request_body: dict[str, Any]) -> None:
    assert (wanted(dialect, request_body).json, wanted(dialect, request_body).schema) == (True, None)


def test_plain_text_asks_for_no_structure() -> None:
    assert not wanted("openai_chat", {"response_format": {"type": "text"}}).json


@pytest.mark.parametrize(
    ("dialect", "tool"),
    [
        ("openai_chat", {"type": "function", "function": {"name": "f", "parameters": SCHEMA}}),
        ("openai_responses", {"type": "function", "name": "f", "parameters": SCHEMA}),
        ("anthropic_messages", {"name": "f", "input_schema": SCHEMA}),
        ("gemini", {"functionDeclarations": [{"name": "f", "parameters": SCHEMA}]}),
        ("gemini", {"functionDeclarations": [{"name": "f", "parametersJsonSchema": SCHEMA}]}),
    ],
)
def test_tools_are_found_in_every_dialect(dialect: str, tool: dict[str, Any]) -> None:
    assert wanted(dialect, {"tools": [tool]}).tools == {"f": SCHEMA}


def test_a_tool_may_have_no_schema() -> None:
    assert wanted("anthropic_messages", {"tools": [{"type": "bash_20250124", "name": "bash"}]}).tools == {"bash": None}


def test_geminis_capitals_and_nullable_are_json_schema() -> None:
    given = {"type": "OBJECT", "properties": {"type": {"type": "STRING", "nullable": True, "enum": ["A", "B"]}}}
    said = {"type": ["string", "null"], "nullable": True, "enum": ["A", "B"]}
    assert plain(given) == {"type": "object", "properties": {"type": said}}
