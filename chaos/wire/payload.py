"""The JSON object of a body or an event, and back: the event's name follows its payload."""

from typing import Any

from llmops.chaos.wire import sse
from llmops.chaos.wire.json_scan import parsed, parsed_any
from llmops.chaos.wire.parts import Body, Event

Payload = dict[str, Any]
Touched = bool | None
"""Of a payload: True: changed; False: as it was; None: leave this event out."""


def written(payload: object) -> bytes:
    """JSON as providers write it."""
    import orjson

    return orjson.dumps(payload)


def payload_of(event: Event) -> Payload | None:
    """The JSON object of an event, or None."""
    return parsed(sse.data_of(event.raw))


def rewritten(event: Event, payload: Payload) -> Event:
    """The event with another payload; its `event:` line follows the payload's type."""
    name, kind = sse.name_of(event.raw), payload.get("type")
    raw = sse.with_data(event.raw, written(payload))
    if name and isinstance(kind, str) and name != kind.encode():
        raw = raw.replace(name, kind.encode(), 1)
    return Event(raw)


def payloads_in(body: Body) -> tuple[list[Payload], Any]:
    """The objects of a body: one, or those of a list (Gemini's stream without alt=sse); and the whole of them."""
    whole = parsed_any(body.data)
    listed = whole if isinstance(whole, list) else [whole]
    return [one for one in listed if isinstance(one, dict)], whole
