"""The visible text of a whole answer."""

from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Dialect
from llmops.chaos.wire.json_scan import parsed_any
from llmops.chaos.wire.parts import Body, Event
from llmops.chaos.wire.payload import payload_of, payloads_in


def text_of_answer(dialect: Dialect, data: bytes) -> str | None:
    """The visible text of a body or a stream; None where it has none."""
    if parsed_any(data) is None:
        payloads = [payload for payload in map(payload_of, map(Event, sse.split_all(data))) if payload]
    else:
        payloads = payloads_in(Body(data))[0]
    texts = [slot.value for payload in payloads for slot in dialect.shape.slots(payload) if slot.kind == "text"]
    return "".join(texts) or None
