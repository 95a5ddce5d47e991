"""Answer with the provider's own error body, but with status 200."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, require_one_of
from llmops.chaos.wire.errors import NoSuchErrorInDialectError, all_kinds
from llmops.chaos.wire.parts import Action, AnswerHead, Body, End, Part


@dataclass(frozen=True)
class ErrorAs200:
    """The upstream is not asked."""

    kind: str = "server_error"

    family: ClassVar[Family] = "content"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"kind": all_kinds()}

    def __post_init__(self) -> None:
        require_one_of("kind", self.kind, self.choices["kind"])

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        dialect, asked = context.request.dialect, context.request.asked
        if dialect is None:
            context.not_applied("no dialect knows this route")
            return
        try:
            error = dialect.error(self.kind, model=asked.model if asked else None)
        except NoSuchErrorInDialectError as reason:
            context.not_applied(str(reason))
            return
        context.note("error as 200", error_kind=self.kind, status_meant=error.status)
        yield AnswerHead(200, b"OK", ((b"content-type", b"application/json"),))
        yield Body(error.body)
        yield End()
