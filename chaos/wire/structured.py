"""Structured output: an answer's text (or a tool's arguments) as JSON, and the schema that the request gave for it."""

from collections.abc import Iterator
from typing import Any

from llmops.chaos.wire.json_scan import member, parsed, parsed_any
from llmops.chaos.wire.stages import CannotEditError

_SCHEMAS = (
    ("response_format", "json_schema", "schema"),  # OpenAI chat
    ("text", "format", "schema"),  # OpenAI Responses
    ("output_config", "format", "schema"),  # Anthropic
    ("output_format", "schema"),  # Anthropic, beta
    ("generationConfig", "responseJsonSchema"),  # Gemini
    ("generationConfig", "responseSchema"),
)


def structured(text: str) -> Any:  # noqa: ANN401 - JSON is any value
    """The object or list that the text is. CannotEditError where it is prose."""
    value = parsed_any(text.encode())
    if not isinstance(value, dict | list):
        raise CannotEditError("the text is no structured output")
    return value


def schema_of(request_body: bytes) -> dict[str, Any]:
    """The schema that the request asks the answer to keep. CannotEditError where it gives none."""
    body = parsed(request_body)
    for path in _SCHEMAS:
        schema = member(body, *path)
        if isinstance(schema, dict):
            return schema
    raise CannotEditError("the request gives no schema")


def objects_in(value: object) -> Iterator[dict[str, Any]]:
    """All objects in a value, the outermost first."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects_in(inner)
