import pytest

from llmops.chaos.wire.dialects import DIALECTS
from llmops.chaos.wire.slots import Shape

HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'"text"',
    b'{"choices":{"a":1},"usage":[],"error":1,"content":[null,1],"output":[[]],"candidates":[{"content":{"parts":[7]}}]}',
    b'{"choices":[null,{"delta":{"tool_calls":[null]}}],"usage":{"prompt_tokens":"x"},"message":null,"type":"message_start"}',
    b'{"type":"message_delta","delta":null,"usage":null,"response":{"output":[{"content":[1]}]}}',
    b'{"messages":[null,{"role":null,"content":null}],"contents":[1],"input":[2],"model":7}',
    b"\xff\xfe\x00",
    b"[1e999]",
]


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("data", HOSTILE)
def test_nothing_that_a_peer_sends_raises(name: str, data: bytes) -> None:
    dialect = DIALECTS[name]
    dialect.asked(b"/x", data)
    observer = dialect.observer()
    for raw in (b"data: " + data + b"\n\n", b"event: message_start\ndata: " + data + b"\n\n", data):
        observer.event(raw)
        dialect.carries_text(raw)
        dialect.is_terminal(raw)
    observer.body(data)


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("data", HOSTILE)
def test_nothing_that_a_peer_sends_breaks_a_shape(name: str, data: bytes) -> None:
    import orjson

    shape: Shape = DIALECTS[name].shape
    try:
        payload = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    if isinstance(payload, dict):
        list(shape.slots(payload))
        shape.set_finish(payload, "x")
        shape.refuse(payload, "no")
        shape.drop_text(payload)
