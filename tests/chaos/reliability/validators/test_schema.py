from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.broken_tool_arguments import BrokenToolArguments
from llmops.chaos.faults.refusal_field import RefusalField
from llmops.chaos.faults.schema_break import SchemaBreak
from llmops.chaos.faults.unknown_tool import UnknownTool
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.schema import Schema

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize("what", ["structured", "tool"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_healthy_structure_is_valid(healthy: Callable[..., Checked], dialect: str, stream: bool, what: str) -> None:
    assert Schema().judge(healthy(dialect, what, stream=stream)).outcome == "valid"


def test_without_a_schema_and_a_tool_there_is_nothing_to_judge(healthy: Callable[..., Checked]) -> None:
    assert Schema().judge(healthy("openai_chat")).outcome == "undecided"


@pytest.mark.parametrize(
    ("how", "reason", "evidence"),
    [
        ("missing_required", "the answer breaks the request's schema", "$: required city"),
        ("wrong_type", "the answer breaks the request's schema", "$.city: type"),
        ("prose", "the answer is no JSON", "JSON amid other text"),
        ("fence", "the answer is no JSON", "JSON amid other text"),
    ],
)
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_broken_schema_is_told_without_its_values(  # noqa: PLR0917 - rows of two tables
    spoiled: Callable[..., Checked], how: str, reason: str, evidence: str, dialect: str, stream: bool
) -> None:
    judged = Schema().judge(spoiled(SchemaBreak(how), dialect, "structured", stream=stream))
    assert (judged.outcome, judged.reason, judged.evidence) == ("invalid", reason, evidence)


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_tool_that_is_not_offered_is_seen(spoiled: Callable[..., Checked], dialect: str, stream: bool) -> None:
    judged = Schema().judge(spoiled(UnknownTool(), dialect, "tool", stream=stream))
    assert (judged.reason, judged.evidence) == ("a tool that the request does not offer", "launch_missiles")


@pytest.mark.parametrize("how", ["cut", "not_json"])
@pytest.mark.parametrize(
    ("dialect", "stream"),
    [
        ("openai_chat", False),
        ("openai_chat", True),
        ("openai_responses", False),
        ("openai_responses", True),
        ("anthropic_messages", True),
    ],
)
def test_arguments_that_are_no_json_are_seen(
    spoiled: Callable[..., Checked], how: str, dialect: str, stream: bool
) -> None:
    judged = Schema().judge(spoiled(BrokenToolArguments(how), dialect, "tool", stream=stream))
    assert judged.reason == "tool arguments that are no JSON object"


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_arguments_of_another_schema_are_seen(spoiled: Callable[..., Checked], dialect: str, stream: bool) -> None:
    judged = Schema().judge(spoiled(BrokenToolArguments("wrong_schema"), dialect, "tool", stream=stream))
    assert (judged.reason, judged.evidence) == ("tool arguments break the tool's schema", "weather: $: required city")


def test_a_refusal_has_no_structure_to_judge(spoiled: Callable[..., Checked]) -> None:
    assert Schema().judge(spoiled(RefusalField(), "openai_chat", "structured")).outcome == "undecided"


@pytest.mark.parametrize(("text", "outcome"), [('{"a": 1}', "valid"), ("[1]", "invalid"), ("one", "invalid")])
def test_json_without_a_schema_must_be_an_object(said: Callable[..., Checked], text: str, outcome: str) -> None:
    assert Schema().judge(said(text, response_format={"type": "json_object"})).outcome == outcome


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "objekt"}, "$.type is no JSON Schema"),
        ({"$ref": "https://example.org/a.json"}, "it refers to what is not in it"),
    ],
)
def test_a_schema_that_cannot_be_used_decides_nothing(
    said: Callable[..., Checked], schema: dict[str, Any], reason: str
) -> None:
    wanted = {"type": "json_schema", "json_schema": {"schema": schema}}
    judged = Schema().judge(said('{"a": 1}', response_format=wanted))
    assert (judged.outcome, judged.reason) == ("undecided", f"the request's schema cannot be used: {reason}")
