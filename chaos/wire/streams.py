"""Stages on the events of a stream: they count its pieces of text and know its terminal mark."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from llmops.chaos.wire.dialect import Dialect
from llmops.chaos.wire.parts import Action, End, Event, Part
from llmops.chaos.wire.stages import TEXT_DIALECTS, Parts, shape_for

if TYPE_CHECKING:
    from llmops.chaos.faults.base import FaultContext

Change = Callable[["Seen"], Iterator[Part | Action]]
"""What goes on instead of the event that was just seen."""


class Seen:
    """Where a stream stands."""

    def __init__(self, context: "FaultContext", dialect: Dialect) -> None:
        self.context = context
        self.dialect = dialect
        self.events = 0  # with the one at hand
        self.pieces = 0  # of text, with the one at hand
        self.event = Event(b"")
        self.is_text = False
        self.is_terminal = False
        self.kept: list[Event] = []  # what a change holds back for later

    def take(self, event: Event) -> None:
        """Look at the next event."""
        self.event = event
        self.events += 1
        self.is_text = self.dialect.carries_text(event.raw)
        self.is_terminal = self.dialect.is_terminal(event.raw)
        self.pieces += self.is_text


class EachEvent(Parts):
    """Feeds each event of a stream to a change; an answer that is no stream is reported."""

    def __init__(self, context: "FaultContext", dialect: Dialect, change: Change) -> None:
        super().__init__(context, streams=True)
        self._seen = Seen(context, dialect)
        self._change = change

    def event(self, event: Event) -> Iterator[Part | Action]:
        self._seen.take(event)
        yield from self._change(self._seen)

    def end(self, end: End) -> Iterator[Part | Action]:
        yield from self.let_go()
        yield end

    def let_go(self) -> Iterator[Part]:
        """What the change holds back, when the upstream is lost."""
        kept, self._seen.kept = self._seen.kept, []
        yield from kept


def each_event(context: "FaultContext", change: Change, dialects: frozenset[str] = TEXT_DIALECTS) -> Parts:
    """The stage of a change of single events."""
    dialect = context.request.dialect
    if shape_for(context, dialects) is None or dialect is None:
        return Parts(context)
    return EachEvent(context, dialect, change)
