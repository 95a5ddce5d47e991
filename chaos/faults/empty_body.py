"""Answer 200 with no body at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.wire.parts import Action, AnswerHead, Body, End, Part


@dataclass(frozen=True)
class EmptyBody:
    """The upstream is not asked; the content type is what the request expects."""

    family: ClassVar[Family] = "content"

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        asked = context.request.asked
        content_type = b"text/event-stream" if asked is not None and asked.stream else b"application/json"
        context.note("empty body as 200")
        yield AnswerHead(200, b"OK", ((b"content-type", content_type),))
        yield Body(b"")
        yield End()
