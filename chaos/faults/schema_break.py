"""Break the schema that the request asked the answer to keep."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.payload import written
from llmops.chaos.wire.stages import CannotEditError
from llmops.chaos.wire.structured import schema_of, structured
from llmops.chaos.wire.text_edit import TextEdit, edited_text

HOW = ("missing_required", "wrong_type", "prose", "fence")


@dataclass(frozen=True)
class SchemaBreak:
    """missing_required: a required field is gone; wrong_type: it has another type; prose, fence: JSON amid text."""

    how: str = "missing_required"

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "text"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"how": HOW}

    def __post_init__(self) -> None:
        require_one_of("how", self.how, self.choices["how"])

    def stage(self, context: FaultContext) -> Stage:
        return edited_text(
            context, TextEdit(f"schema broken: {self.how}", rewrite=lambda text: self._broken(text, context))
        )

    def _broken(self, text: str, context: FaultContext) -> str:
        return WAYS[self.how](text, structured(text), schema_of(context.request.body))


def _required_field(value: Any, schema: dict[str, Any]) -> str:  # noqa: ANN401 - JSON is any value
    for name in schema.get("required", []):
        if isinstance(value, dict) and name in value:
            return str(name)
    raise CannotEditError("the schema requires no field that the answer has")


def _missing_required(text: str, value: Any, schema: dict[str, Any]) -> str:  # noqa: ANN401, ARG001 - as the others
    del value[_required_field(value, schema)]
    return written(value).decode()


def _wrong_type(text: str, value: Any, schema: dict[str, Any]) -> str:  # noqa: ANN401, ARG001 - as the others
    name = _required_field(value, schema)
    value[name] = {"value": value[name]} if not isinstance(value[name], dict) else str(value[name])
    return written(value).decode()


def _prose(text: str, value: Any, schema: dict[str, Any]) -> str:  # noqa: ANN401, ARG001 - as the others
    return f"Here is the JSON you asked for:\n\n{text}\n\nLet me know if you need anything else!"


def _fence(text: str, value: Any, schema: dict[str, Any]) -> str:  # noqa: ANN401, ARG001 - as the others
    return f"```json\n{text}\n```"


WAYS: dict[str, Callable[[str, Any, dict[str, Any]], str]] = {
    "missing_required": _missing_required,
    "wrong_type": _wrong_type,
    "prose": _prose,
    "fence": _fence,
}
