"""Stall in the middle of a stream, after some tokens."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import above, at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, AnswerHead, Event, Part, Wait


@dataclass(frozen=True)
class StallAfterTokens:
    """After `tokens` events with text, silence for `for_s`; then the stream goes on."""

    tokens: int = 5
    for_s: float = 60.0

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        at_least(0, tokens=self.tokens)
        above(0, for_s=self.for_s)

    def stage(self, context: FaultContext) -> Stage:
        return _Stall(context, self)


class _Stall:
    def __init__(self, context: FaultContext, fault: StallAfterTokens) -> None:
        self._context = context
        self._fault = fault
        dialect = context.request.dialect
        self._observer = None if dialect is None else dialect.observer()
        self._characters = 0
        self._tokens = 0
        self._stalled = False

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if isinstance(part, AnswerHead) and not _is_stream(part):
            self._context.not_applied("the answer is no stream")
        if isinstance(part, Event) and not self._stalled and self._carries_text(part):
            if self._tokens == self._fault.tokens:
                self._stalled = True
                self._context.note("stalled the stream", after_tokens=self._tokens, seconds=self._fault.for_s)
                yield Wait(self._fault.for_s)
            self._tokens += 1
        yield part

    def _carries_text(self, part: Event) -> bool:
        if self._observer is None:
            return True  # a stream of no known dialect: its events are counted
        first = self._observer.event(part.raw)
        before, self._characters = self._characters, self._observer.answered.text_characters
        return first or self._characters > before


def _is_stream(head: AnswerHead) -> bool:
    return any(n.lower() == b"content-type" and b"text/event-stream" in v.lower() for n, v in head.headers)
