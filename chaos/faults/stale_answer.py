"""Answer with the text of an earlier request's answer."""

from dataclasses import dataclass
from typing import ClassVar, get_args

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.answer_text import text_of_answer
from llmops.chaos.wire.text_edit import TextEdit, Usage, edited_text


@dataclass(frozen=True)
class StaleAnswer:
    """The newest of the earlier answers in the same dialect that the proxy remembers."""

    usage: Usage = "adjusted"  # adjusted: output tokens scaled by characters; left: as the provider counted

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "event"

    def __post_init__(self) -> None:
        require_one_of("usage", self.usage, get_args(Usage))

    def stage(self, context: FaultContext) -> Stage:
        text = _newest(context)
        if text is None:
            context.not_applied("no earlier answer is remembered")
        return edited_text(context, TextEdit("answer of an earlier request", constant=text or "", usage=self.usage))


def _newest(context: FaultContext) -> str | None:
    dialect = context.request.dialect
    if dialect is None:
        return None
    texts = (text_of_answer(dialect, answer) for answer in reversed(context.earlier_answers))
    return next(filter(None, texts), None)
