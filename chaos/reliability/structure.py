"""What structure a request asks for: JSON, by a schema or not, and the tools that it offers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.wire.json_scan import member, members
from llmops.chaos.wire.stages import CannotEditError
from llmops.chaos.wire.structured import schema_of

JSON_WORDS = (  # where a request asks for JSON without a schema, and by what word
    ("json_object", "response_format", "type"),  # OpenAI chat
    ("json_object", "text", "format", "type"),  # OpenAI Responses
    ("application/json", "generationConfig", "responseMimeType"),  # Gemini
)


@dataclass(frozen=True)
class Wanted:
    """`schema` is of the answer's text; None is any object. A tool may have no schema."""

    json: bool
    schema: dict[str, Any] | None
    tools: Mapping[str, dict[str, Any] | None]


def wanted_of(checked: Checked) -> Wanted:
    """What the request asks for, in its dialect's words."""
    request = dict(checked.request)
    try:
        schema = plain(schema_of(orjson.dumps(request, default=str)))
    except CannotEditError:
        schema = None
    asks = any(member(request, *path) == word for word, *path in JSON_WORDS)
    tools = {name: None if given is None else plain(given) for name, given in _tools(request)}
    return Wanted(schema is not None or asks, schema, tools)


def _tools(request: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    listed = [*members(request, "tools"), *members(request, "functions")]
    listed += [one for tool in listed for one in members(tool, "functionDeclarations")]
    for tool in (member(one, "function") or one for one in listed):
        name = member(tool, "name")
        given = [member(tool, key) for key in ("parameters", "input_schema", "parametersJsonSchema")]
        if isinstance(name, str):
            yield name, next((schema for schema in given if isinstance(schema, dict)), None)


def plain(schema: Any) -> Any:  # noqa: ANN401 - JSON is any value
    """A schema as JSON Schema has it: Gemini writes types in capitals, and `nullable`."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    written = {name: value if name in {"enum", "const", "default"} else plain(value) for name, value in schema.items()}
    kind = written.get("type")
    if isinstance(kind, str) and kind.isupper():
        written["type"] = kind.lower()
    if written.get("nullable") is True and isinstance(written.get("type"), str):
        written["type"] = [written["type"], "null"]
    return written
