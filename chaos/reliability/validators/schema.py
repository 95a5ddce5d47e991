"""Whether structure is as asked: the answer against the request's schema, tools known, their arguments valid."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llmops.chaos.reliability.answer import ToolCall
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.json_schema import UnusableSchemaError, first_break
from llmops.chaos.reliability.structure import Wanted, wanted_of
from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, undecided
from llmops.chaos.wire.json_scan import parsed_any


@dataclass(frozen=True)
class Schema:
    """Undecided where the request asks for no structure and the answer calls no tool."""

    def judge(self, checked: Checked) -> Judgement:
        wanted = wanted_of(checked)
        judgements = [*_texts(checked, wanted), *(_call(call, wanted) for call in checked.answer.tools)]
        for outcome in ("invalid", "undecided"):
            for judgement in judgements:
                if judgement.outcome == outcome:
                    return judgement
        return VALID if judgements else _nothing(checked, wanted)


def _nothing(checked: Checked, wanted: Wanted) -> Judgement:
    if not wanted.json:
        return undecided("the request asks for no structure, and no tool is called")
    return undecided("a refusal has no structure" if checked.answer.refusals else "no text that could have structure")


def _texts(checked: Checked, wanted: Wanted) -> Iterator[Judgement]:
    """The text of each choice that has one; a tool may be called instead."""
    for text in checked.answer.texts.values() if wanted.json else ():
        if text.strip():
            yield _text(text, wanted)


def _text(text: str, wanted: Wanted) -> Judgement:
    value = parsed_any(text.encode())
    if value is None and text.strip() != "null":
        return invalid("the answer is no JSON", _amid(text))
    if wanted.schema is None:
        return VALID if isinstance(value, dict) else invalid("the answer is no JSON object", type(value).__name__)
    return _against("the answer breaks the request's schema", value, wanted.schema)


def _call(call: ToolCall, wanted: Wanted) -> Judgement:
    if call.name not in wanted.tools:
        return invalid("a tool that the request does not offer", call.name[:40])
    arguments = parsed_any(call.arguments.encode()) if isinstance(call.arguments, str) else call.arguments
    if not isinstance(arguments, dict):
        return invalid("tool arguments that are no JSON object", f"{call.name[:40]}: {len(call.arguments)} characters")
    schema = wanted.tools[call.name]
    if schema is None:
        return VALID
    return _against("tool arguments break the tool's schema", arguments, schema, f"{call.name[:40]}: ")


def _against(reason: str, value: Any, schema: dict[str, Any], before: str = "") -> Judgement:  # noqa: ANN401 - JSON
    try:
        broken = first_break(value, schema)
    except UnusableSchemaError as error:
        return undecided(f"the request's schema cannot be used: {error}")
    return VALID if broken is None else invalid(reason, before + broken)


def _amid(text: str) -> str:
    """Whether the JSON is there, with prose or a fence around it."""
    starts = [at for at in (text.find("{"), text.find("[")) if at >= 0]
    ends = [at for at in (text.rfind("}"), text.rfind("]")) if at >= 0]
    inside = text[min(starts) : max(ends) + 1] if starts and ends else ""
    return "JSON amid other text" if parsed_any(inside.encode()) is not None else f"{len(text)} characters"
