"""Break the arguments of tool calls."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.text_edit import TextEdit, edited_text

HOW = ("cut", "not_json", "wrong_schema")


@dataclass(frozen=True)
class BrokenToolArguments:
    """cut: the second half is gone; not_json: words; wrong_schema: another object, the only way where the dialect
    has arguments as an object (Gemini, and Anthropic's bodies).
    """

    how: str = "cut"

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "text"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"how": HOW}

    def __post_init__(self) -> None:
        require_one_of("how", self.how, self.choices["how"])

    def stage(self, context: FaultContext) -> Stage:
        edit = TextEdit(f"tool arguments {self.how}", rewrite=WAYS[self.how], slot="tool_arguments", usage="left")
        return edited_text(context, edit)


WAYS: dict[str, Callable[[str], str]] = {
    "cut": lambda arguments: arguments[: len(arguments) // 2],
    "not_json": lambda arguments: "the arguments are as discussed above",  # noqa: ARG005 - as the others
    "wrong_schema": lambda arguments: '{"unexpected_argument":true}',  # noqa: ARG005 - as the others
}
