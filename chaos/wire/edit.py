"""Editing an answer without knowing its dialect: one payload at a time, or its whole text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Dialect
from llmops.chaos.wire.http1 import is_stream
from llmops.chaos.wire.json_scan import parsed, parsed_any
from llmops.chaos.wire.parts import Action, AnswerHead, Body, End, Event, Part
from llmops.chaos.wire.slots import Shape, Slot, SlotKind

if TYPE_CHECKING:
    from llmops.chaos.faults.base import FaultContext

Payload = dict[str, Any]
Touched = bool | None
"""True: changed; False: as it was; None: leave this event out."""

OK_STATUSES = range(200, 300)


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
        payloads, whole = _payloads(body)
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


def _payloads(body: Body) -> tuple[list[Payload], Any]:
    """The objects of a body: one, or those of a list (Gemini's stream without alt=sse)."""
    whole = parsed_any(body.data)
    listed = whole if isinstance(whole, list) else [whole]
    return [one for one in listed if isinstance(one, dict)], whole


def put_all(payload: Payload, shape: Shape, kind: SlotKind, value: object) -> bool:
    """Put one value in all slots of a kind; false where there is none that says something else."""
    slots = [slot for slot in shape.slots(payload) if slot.kind == kind and slot.value != value]
    for slot in slots:
        slot.put(value)
    return bool(slots)


Usage = Literal["adjusted", "left"]
TextSlot = Literal["text", "tool_arguments"]


@dataclass(frozen=True)
class TextEdit:
    """How the text of an answer (or the arguments of its tool calls) becomes another."""

    what: str  # for the receipt
    rewrite: Callable[[str], str] | None = None  # of the whole text, which in a stream is held for it; or
    constant: str | None = None  # what it says instead, which needs no holding
    finish: str | None = None  # stop, length, content_filter: said instead
    usage: Usage = "adjusted"  # adjusted: output tokens scaled by characters, which is an estimate
    also: Callable[[Payload], Touched] | None = None  # done to each payload after its text
    slot: TextSlot = "text"

    @property
    def whole_slot(self) -> SlotKind:
        return "whole_text" if self.slot == "text" else "whole_tool_arguments"


@dataclass
class _Opened:
    """One event and what is in it."""

    event: Event
    payload: Payload | None
    slots: list[Slot]
    touched: Touched = False

    def of(self, kind: SlotKind) -> list[Slot]:
        return [slot for slot in self.slots if slot.kind == kind]


@dataclass
class _Texts:
    """What was said and what is said instead, by key."""

    old: dict[str, str] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)
    objects: set[str] = field(default_factory=set)  # keys whose values are objects, seen as JSON text

    @property
    def ratio(self) -> float:
        before = sum(map(len, self.old.values()))
        return sum(map(len, self.new.values())) / before if before else 1.0


class EditedText(Parts):
    """Applies a TextEdit to a body or a stream.

    In a stream the new text is laid over the events of the old one, so that none is made or lost. A rewrite holds the
    events from the first text to its end; a constant runs one event of text behind, because the last one takes the
    rest of the words.
    """

    def __init__(self, context: "FaultContext", shape: Shape, edit: TextEdit) -> None:
        super().__init__(context)
        self._shape = shape
        self._edit = edit
        self._texts = _Texts()
        self._held: list[_Opened] = []
        self._held_events = 0
        self._finished: set[str] = set()
        self._over = False  # the text has ended: what follows only repeats or counts it
        self._told = False

    # --- bodies

    def body(self, body: Body) -> Iterator[Part | Action]:
        payloads, whole = _payloads(body)
        opened = [_Opened(Event(b""), payload, list(self._shape.slots(payload))) for payload in payloads]
        self._read(opened)
        if not self._renew():
            yield body
            return
        self._lay(opened)
        for one in opened:
            self._finish(one)
        self._tell({})
        yield Body(written(whole))

    # --- streams

    def event(self, event: Event) -> Iterator[Part | Action]:
        payload = payload_of(event)
        opened = _Opened(event, payload, list(self._shape.slots(payload)) if payload else [])
        if self.context.reason_not_applied or (self._over and payload is None):
            yield event
        elif self._over:
            yield from self._passed(opened)
        else:
            yield from self._hold(opened)

    def end(self, end: End) -> Iterator[Part | Action]:
        yield from self._release()
        yield end

    def let_go(self) -> Iterator[Part]:
        """What is held, as it came: the upstream was lost."""
        held, self._held = self._held, []
        yield from (one.event for one in held)

    def _hold(self, opened: _Opened) -> Iterator[Part | Action]:
        has_text = any(slot.value for slot in opened.of(self._edit.slot))
        if has_text and self._held and self._edit.constant is not None:
            yield from self._some_words()
        if not has_text and not self._held:
            yield from self._passed(opened, before=True)
            return
        self._held.append(opened)
        self._read([opened])
        if self._text_ended(opened):
            yield from self._release()

    def _text_ended(self, opened: _Opened) -> bool:
        ends = [*opened.of("finish"), *opened.of(self._edit.whole_slot)]
        self._finished |= {slot.key for slot in ends}
        choices = {key.partition(".")[0] for key in self._texts.old}
        return bool(ends) and (
            "*" in self._finished or self._texts.old.keys() <= self._finished or choices <= self._finished
        )

    def _some_words(self) -> Iterator[Part | Action]:
        """Let the held events go, with the next word where they had text."""
        held, self._held = self._held, []
        for slot in (slot for one in held for slot in one.of(self._edit.slot)):
            left = self._texts.new.setdefault(slot.key, self._edit.constant or "")
            word, self._texts.new[slot.key] = _next_word(left)
            slot.put(word)
        for one in held:
            one.touched = bool(one.of(self._edit.slot))
            yield from self._passed(one, before=True)

    def _release(self) -> Iterator[Part | Action]:
        held, self._held = self._held, []
        if not held:
            return
        self._over = True
        self._held_events = len(held)
        if self._edit.constant is None and not self._renew():
            yield from (one.event for one in held)
            return
        for key in self._texts.old:
            self._texts.new.setdefault(key, self._edit.constant or "")
        self._lay(held)
        if self._edit.constant is not None:
            self._texts.new = dict.fromkeys(self._texts.new, self._edit.constant)
        for one in held:
            yield from self._passed(one)

    def _passed(self, opened: _Opened, *, before: bool = False) -> Iterator[Part | Action]:
        """One event on its way, with all that is said about the text in it."""
        if opened.payload is None:
            yield opened.event
            return
        if not before:
            for slot in opened.of(self._edit.whole_slot):
                if slot.key in self._texts.new and slot.value != self._texts.new[slot.key]:
                    slot.put(self._texts.new[slot.key])
                    opened.touched = True
            self._finish(opened)
        elif self._edit.also is not None:
            opened.touched = _both(opened.touched, self._edit.also(opened.payload))
        if opened.touched is None:
            return
        if opened.touched:
            self._tell({"held_events": self._held_events} if self._edit.constant is None else {})
        yield rewritten(opened.event, opened.payload) if opened.touched else opened.event

    # --- both

    def _read(self, opened: list[_Opened]) -> None:
        for slot in (slot for one in opened for slot in one.of(self._edit.slot)):
            self._texts.old[slot.key] = self._texts.old.get(slot.key, "") + _as_text(slot.value)
            if not isinstance(slot.value, str):
                self._texts.objects.add(slot.key)

    def _renew(self) -> bool:
        """Make the new texts; false where there is none, or the edit cannot be done, which the context is told."""
        edit = self._edit
        if not self._texts.old:
            return False
        try:
            for key, old in self._texts.old.items():
                self._texts.new[key] = edit.rewrite(old) if edit.rewrite else edit.constant or ""
            self._check_objects()
        except CannotEditError as error:
            self.context.not_applied(str(error))
            return False
        return self._texts.new != self._texts.old or edit.finish is not None or edit.also is not None

    def _check_objects(self) -> None:
        for key in self._texts.objects:
            if parsed(self._texts.new[key].encode()) is None:
                raise CannotEditError("here the arguments are an object, which cannot be broken so")

    def _lay(self, opened: list[_Opened]) -> None:
        """Lay the new texts over the slots of the old ones, in proportion."""
        for key, new in self._texts.new.items():
            slots = [(one, slot) for one in opened for slot in one.of(self._edit.slot) if slot.key == key]
            lengths = [len(_as_text(slot.value)) for _, slot in slots]
            for (one, slot), piece in zip(slots, spread(new, lengths), strict=True):
                if _as_text(slot.value) != piece:
                    slot.put(_like(slot.value, piece))
                    one.touched = True

    def _finish(self, opened: _Opened) -> None:
        edit, payload = self._edit, opened.payload
        if payload is None:
            return
        if (
            edit.usage == "adjusted"
            and self._texts.ratio != 1
            and scale_output(opened.slots, self._shape, self._texts.ratio)
        ):
            opened.touched = True
        word = self._shape.finish_words.get(edit.finish or "")
        if word is not None and self._shape.set_finish(payload, word):
            opened.touched = True
        if edit.also is not None:
            opened.touched = _both(opened.touched, edit.also(payload))

    def _tell(self, numbers: dict[str, object]) -> None:
        if self._told:
            return
        self._told = True
        before, after = (sum(map(len, texts.values())) for texts in (self._texts.old, self._texts.new))
        if self._edit.constant is None:
            numbers = {"characters_before": before, **numbers}  # else the old text is still coming
        if self._edit.constant is not None:
            after = len(self._edit.constant)
        self.context.note(self._edit.what, characters_after=after, **numbers)


def _both(one: Touched, other: Touched) -> Touched:
    return None if one is None or other is None else one or other


def _as_text(value: object) -> str:
    """Anthropic's and Gemini's arguments are objects; edits see all arguments as JSON text."""
    return value if isinstance(value, str) else written(value).decode()


def _like(value: object, text: str) -> object:
    if isinstance(value, str):
        return text
    return parsed(text.encode())


def _next_word(text: str) -> tuple[str, str]:
    """The first word with the space behind it, and the rest."""
    end = text.find(" ", 1)
    return (text, "") if end < 0 else (text[: end + 1], text[end + 1 :])


def spread(text: str, lengths: list[int]) -> list[str]:
    """The text cut into as many pieces as there are lengths, in proportion to them; joined they are the text."""
    total = sum(lengths)
    pieces, start, seen = [], 0, 0
    for at, length in enumerate(lengths):
        seen += length
        last = at == len(lengths) - 1
        end = len(text) if last else round(len(text) * seen / (total or 1))
        pieces.append(text[start:end])
        start = end
    return pieces


def scale_output(slots: list[Slot], shape: Shape, ratio: float) -> bool:
    """Scale the visible output tokens, rounded up, and what they are part of; false where nothing is counted."""
    counts = {slot.kind: slot for slot in slots if isinstance(slot.value, int)}
    if "output_tokens" not in counts:
        return False
    output = counts["output_tokens"]
    hidden = counts["reasoning_tokens"].value if "reasoning_tokens" in counts and shape.output_includes_reasoning else 0
    new = hidden + ceil((output.value - hidden) * ratio)
    difference = new - output.value
    output.put(new)
    if "total_tokens" in counts:
        counts["total_tokens"].put(counts["total_tokens"].value + difference)
    return bool(difference)


def text_of_answer(dialect: Dialect, data: bytes) -> str | None:
    """The visible text of a whole answer, a body or a stream; None where it has none."""
    whole = parsed_any(data)
    if whole is None:
        payloads = [payload for payload in map(payload_of, map(Event, sse.split_all(data))) if payload]
    else:
        payloads = _payloads(Body(data))[0]
    texts = [slot.value for payload in payloads for slot in dialect.shape.slots(payload) if slot.kind == "text"]
    return "".join(texts) or None


TEXT_DIALECTS = frozenset({"openai_chat", "openai_responses", "anthropic_messages", "gemini"})


def edited_text(context: "FaultContext", edit: TextEdit, dialects: frozenset[str] = TEXT_DIALECTS) -> Parts:
    """The stage of a TextEdit; where the dialect has no text, one that passes everything."""
    shape = shape_for(context, dialects)
    return Parts(context) if shape is None else EditedText(context, shape, edit)


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
