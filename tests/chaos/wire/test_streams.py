from collections.abc import Callable, Iterator
from random import Random

from llmops.chaos.faults.base import FaultContext, Request
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.parts import Action, AnswerHead, End, Event, Part, RequestHead
from llmops.chaos.wire.sse import split_all
from llmops.chaos.wire.streams import Seen, each_event

STREAM = AnswerHead(200, b"OK", ((b"content-type", b"text/event-stream"),))


def context(target: bytes = b"/v1/chat/completions") -> FaultContext:
    request = Request(RequestHead(b"POST", target, ()), b"", dialect_of(b"POST", target), None)
    return FaultContext(request, Random(0))


def test_a_change_sees_where_the_stream_stands(answer: Callable[..., bytes]) -> None:
    seen_at = []

    def watch(seen: Seen) -> Iterator[Part | Action]:
        seen_at.append((seen.events, seen.pieces, seen.is_text, seen.is_terminal))
        yield seen.event

    stage = each_event(context(), watch)
    events = [Event(raw) for raw in split_all(answer("openai_chat", stream=True))]
    parts: list[Part] = [STREAM, *events, End()]
    assert [output for part in parts for output in stage.feed(part)] == parts
    assert seen_at[:2] == [(1, 0, False, False), (2, 1, True, False)]
    assert seen_at[-3:] == [(21, 19, False, False), (22, 19, False, False), (23, 19, False, True)]


def test_what_is_kept_is_never_lost() -> None:
    def keep(seen: Seen) -> Iterator[Part | Action]:
        seen.kept.append(seen.event)
        yield from ()

    one, other = (each_event(context(), keep) for _ in range(2))
    event = Event(b"data: 1\n\n")
    for stage in (one, other):
        assert list(stage.feed(STREAM)) == [STREAM]
        assert list(stage.feed(event)) == []
    assert list(one.feed(End())) == [event, End()]
    assert list(other.let_go()) == [event]  # type: ignore[attr-defined]


def test_a_route_without_dialect_is_said() -> None:
    opaque = context(b"/v1/files")
    stage = each_event(opaque, lambda seen: iter([seen.event]))
    assert opaque.reason_not_applied == "no dialect knows this route"
    assert list(stage.feed(Event(b"x"))) == [Event(b"x")]
