import pytest

from llmops.chaos.wire.parts import Body, Event
from llmops.chaos.wire.payload import payload_of, payloads_in, rewritten, written


def test_an_events_name_follows_its_type() -> None:
    event = rewritten(Event(b'event: response.completed\ndata: {"type":"x"}\n\n'), {"type": "response.incomplete"})
    assert event.raw == b'event: response.incomplete\ndata: {"type":"response.incomplete"}\n\n'


def test_an_event_without_a_name_or_with_its_own_keeps_it() -> None:
    assert rewritten(Event(b'data: {"a":1}\n\n'), {"type": "b"}).raw == b'data: {"type":"b"}\n\n'
    assert rewritten(Event(b'event: b\ndata: {"a":1}\r\n\r\n'), {"type": "b"}).raw.startswith(b"event: b\n")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'data: {"a": 1}\n\n', {"a": 1}),
        (b'event: x\ndata: {"a":\ndata: 1}\n\n', {"a": 1}),
        (b"data: [DONE]\n\n", None),
        (b"data: [1]\n\n", None),
        (b": ping\n\n", None),
    ],
)
def test_the_payload_of_an_event_is_its_object(raw: bytes, expected: object) -> None:
    assert payload_of(Event(raw)) == expected


@pytest.mark.parametrize(
    ("data", "payloads"),
    [(b'{"a": 1}', [{"a": 1}]), (b'[{"a": 1}, 2, {"b": 3}]', [{"a": 1}, {"b": 3}]), (b"2", []), (b"<html>", [])],
)
def test_the_payloads_of_a_body_are_its_object_or_those_of_its_list(data: bytes, payloads: object) -> None:
    assert payloads_in(Body(data))[0] == payloads


def test_a_change_of_a_payload_is_in_the_whole_of_its_body() -> None:
    payloads, whole = payloads_in(Body(b'[{"a": 1}, {"b": 2}]'))
    payloads[1]["b"] = "é"
    assert written(whole) == '[{"a":1},{"b":"é"}]'.encode()
