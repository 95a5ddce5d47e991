"""What all edits of answers begin with: good answers only, of dialects that have such a thing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llmops.chaos.wire.http1 import is_stream
from llmops.chaos.wire.parts import Action, AnswerHead, Body, End, Event, Part
from llmops.chaos.wire.slots import Shape

if TYPE_CHECKING:
    from llmops.chaos.faults.base import FaultContext

OK_STATUSES = range(200, 300)
TEXT_DIALECTS = frozenset({"openai_chat", "openai_responses", "anthropic_messages", "gemini"})


class CannotEditError(Exception):
    """This answer cannot be edited so; the message is the reason that the receipt gives."""


def shape_for(context: "FaultContext", dialects: frozenset[str] | None = None) -> Shape | None:
    """Where the request's dialect keeps its answers; None, and said to the context, where the fault cannot apply."""
    dialect = context.request.dialect
    if dialect is None:
        context.not_applied("no dialect knows this route")
    elif dialect.name == "bedrock":
        context.not_applied("Bedrock's answers are opaque")
    elif dialects is not None and dialect.name not in dialects:
        context.not_applied(f"{dialect.name} has no such thing in its answers")
    else:
        return dialect.shape
    return None


class Parts:
    """A stage that looks at payloads of good answers only; subclasses say what happens to bodies and events."""

    def __init__(self, context: "FaultContext", *, streams: bool | None = None) -> None:
        self.context = context
        self._streams = streams  # True: streams only, False: bodies only

    def feed(self, part: Part) -> Iterator[Part | Action]:
        if isinstance(part, AnswerHead):
            yield from self.head(part)
        elif isinstance(part, Event):
            yield from self.event(part)
        elif isinstance(part, Body):
            yield from self.body(part)
        elif isinstance(part, End):
            yield from self.end(part)
        else:
            yield part

    def head(self, head: AnswerHead) -> Iterator[Part | Action]:
        if head.status not in OK_STATUSES:
            self.context.not_applied(f"the upstream answered {head.status}, which is no answer to spoil")
        elif self._streams is not None and is_stream(head) is not self._streams:
            self.context.not_applied("the answer is no stream" if self._streams else "the answer is a stream")
        yield head

    def event(self, event: Event) -> Iterator[Part | Action]:
        yield event

    def body(self, body: Body) -> Iterator[Part | Action]:
        yield body

    def end(self, end: End) -> Iterator[Part | Action]:
        yield end
