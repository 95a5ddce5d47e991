"""Edits that need one payload at a time: a body, or each event as it comes by."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from llmops.chaos.wire.parts import Action, Body, Event, Part
from llmops.chaos.wire.payload import Payload, Touched, payload_of, payloads_in, rewritten, written
from llmops.chaos.wire.slots import Shape, SlotKind
from llmops.chaos.wire.stages import TEXT_DIALECTS, Parts, shape_for

if TYPE_CHECKING:
    from llmops.chaos.faults.base import FaultContext


class EachPayload(Parts):
    """Changes each payload by itself, as it comes by; the receipt tells of the first change."""

    def __init__(
        self, context: "FaultContext", what: str, change: Callable[[Payload], Touched], *, streams: bool | None = None
    ) -> None:
        super().__init__(context, streams=streams)
        self._what = what
        self._change = change
        self._told = False

    def event(self, event: Event) -> Iterator[Part | Action]:
        payload = payload_of(event)
        touched = False if payload is None else self._change(payload)
        self._tell(touched)
        if payload is not None and touched:
            yield rewritten(event, payload)
        elif touched is not None:
            yield event

    def body(self, body: Body) -> Iterator[Part | Action]:
        payloads, whole = payloads_in(body)
        touched = [self._change(payload) for payload in payloads]
        if any(one is not False for one in touched):
            self._tell(True)
            yield Body(written(whole))
        else:
            yield body

    def _tell(self, touched: Touched) -> None:
        if touched is not False and not self._told:
            self._told = True
            self.context.note(self._what)


def each_payload(
    context: "FaultContext",
    what: str,
    change: Callable[[Payload, Shape], Touched],
    *,
    dialects: frozenset[str] = TEXT_DIALECTS,
    streams: bool | None = None,
) -> Parts:
    """The stage of a change that needs one payload at a time; `streams` restricts it to streams or to bodies."""
    shape = shape_for(context, dialects)
    if shape is None:
        return Parts(context)
    return EachPayload(context, what, lambda payload: change(payload, shape), streams=streams)


def put_all(payload: Payload, shape: Shape, kind: SlotKind, value: object) -> bool:
    """Put one value in all slots of a kind; false where there is none that says something else."""
    slots = [slot for slot in shape.slots(payload) if slot.kind == kind and slot.value != value]
    for slot in slots:
        slot.put(value)
    return bool(slots)
