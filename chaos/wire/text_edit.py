"""Edits of the whole text of an answer, or of the arguments of its tool calls, without knowing its dialect."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from llmops.chaos.wire.laid_text import Opened, Texts, next_word, opened
from llmops.chaos.wire.output_tokens import scale_output
from llmops.chaos.wire.parts import Action, Body, End, Event, Part
from llmops.chaos.wire.payload import Payload, Touched, payloads_in, rewritten, written
from llmops.chaos.wire.slots import Shape, SlotKind
from llmops.chaos.wire.stages import TEXT_DIALECTS, CannotEditError, Parts, shape_for

if TYPE_CHECKING:
    from llmops.chaos.faults.base import FaultContext

Usage = Literal["adjusted", "left"]
TextSlot = Literal["text", "tool_arguments"]

SAME_TEXT = "the new text is the very same as the old"


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

    def new_text(self, old: str) -> str:
        return self.rewrite(old) if self.rewrite else self.constant or ""


class EditedText(Parts):
    """Applies a TextEdit to a body or a stream.

    In a stream the new text is laid over the events of the old one, so that none is made or lost. A rewrite holds the
    events from the first text to its end; a constant runs one event of text behind, because the last one takes the
    rest of the words. As long as the old text says what the constant says, its events pass as they are.
    """

    def __init__(self, context: "FaultContext", shape: Shape, edit: TextEdit) -> None:
        super().__init__(context)
        self._shape = shape
        self._edit = edit
        self._texts = Texts(edit.slot)
        self._held: list[Opened] = []
        self._held_events = 0
        self._held_since = 0.0  # epoch seconds
        self._finished: set[str] = set()
        self._over = False  # the text has ended: what follows only repeats or counts it
        self._told = False

    # --- bodies

    def body(self, body: Body) -> Iterator[Part | Action]:
        payloads, whole = payloads_in(body)
        events = [Opened(Event(b""), payload, list(self._shape.slots(payload))) for payload in payloads]
        self._texts.read(events)
        if not self._renew():
            yield body
            return
        self._texts.lay(events)
        for one in events:
            self._finish(one)
        self._tell({})
        yield Body(written(whole))

    # --- streams

    def event(self, event: Event) -> Iterator[Part | Action]:
        one = opened(event, self._shape)
        if self.context.reason_not_applied or (self._over and one.payload is None):
            yield event
        elif self._over:
            yield from self._passed(one)
        else:
            yield from self._hold(one)

    def end(self, end: End) -> Iterator[Part | Action]:
        yield from self._release()
        yield end

    def let_go(self) -> Iterator[Part]:
        """What is held, as it came: the upstream was lost."""
        held, self._held = self._held, []
        yield from (one.event for one in held)

    def _hold(self, one: Opened) -> Iterator[Part | Action]:
        has_text = any(slot.value for slot in one.of(self._edit.slot))
        if has_text and self._held and self._edit.constant is not None:
            yield from self._some_words()
        if not has_text and not self._held:
            yield from self._passed(one, before=True)
            return
        if not self._held:
            self._held_since = self.context.clock()
        self._held.append(one)
        self._texts.read([one])
        if self._text_ended(one):
            yield from self._release()

    def _text_ended(self, one: Opened) -> bool:
        ends = [*one.of("finish"), *one.of(self._edit.whole_slot)]
        self._finished |= {slot.key for slot in ends}
        choices = {key.partition(".")[0] for key in self._texts.old}
        return bool(ends) and (
            "*" in self._finished or self._texts.old.keys() <= self._finished or choices <= self._finished
        )

    def _some_words(self) -> Iterator[Part | Action]:
        """Let the held events go, with the next word where they had text."""
        held, self._held = self._held, []
        changed: set[str] = set()
        for slot in (slot for one in held for slot in one.of(self._edit.slot)):
            left = self._texts.new.setdefault(slot.key, self._edit.constant or "")
            if isinstance(slot.value, str) and left.startswith(slot.value):
                self._texts.new[slot.key] = left.removeprefix(slot.value)
            else:
                word, self._texts.new[slot.key] = next_word(left)
                slot.put(word)
                changed.add(slot.key)
        for one in held:
            one.touched = any(slot.key in changed for slot in one.of(self._edit.slot))
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
        self._texts.lay(held)
        if self._edit.constant is not None:
            is_same = set(self._texts.old.values()) == {self._edit.constant}
            if is_same and self._edit.finish is None and self._edit.also is None:
                self.context.not_applied(SAME_TEXT)
            self._texts.new = dict.fromkeys(self._texts.new, self._edit.constant)
        for one in held:
            yield from self._passed(one)

    def _passed(self, one: Opened, *, before: bool = False) -> Iterator[Part | Action]:
        """One event on its way, with all that is said about the text in it."""
        if one.payload is None:
            yield one.event
            return
        if not before:
            for slot in one.of(self._edit.whole_slot):
                if slot.key in self._texts.new and slot.value != self._texts.new[slot.key]:
                    slot.put(self._texts.new[slot.key])
                    one.touched = True
            self._finish(one)
        else:
            if self._scaled_so_far(one):
                one.touched = True
            if self._edit.also is not None:
                one.touched = _both(one.touched, self._edit.also(one.payload))
        if one.touched is None:
            return
        if one.touched:
            held: dict[str, object] = {} if self._edit.constant is not None else {"held_events": self._held_events}
            self._tell(
                {**held, "held_s": round(self.context.clock() - self._held_since, 3)} if self._held_since else held
            )
        yield rewritten(one.event, one.payload) if one.touched else one.event

    def _scaled_so_far(self, one: Opened) -> bool:
        """Scale a count that comes before the end (Gemini's do): by what the old text said up to here, and the new."""
        old = sum(map(len, self._texts.old.values()))
        if self._edit.usage != "adjusted" or self._edit.constant is None or not old:
            return False
        said = sum(len(self._edit.constant) - len(left) for left in self._texts.new.values())
        return scale_output(one.slots, self._shape, said / old)

    # --- both

    def _renew(self) -> bool:
        """Make the new texts; false where there is none, or the edit cannot be done, which the context is told."""
        if not self._texts.old:
            return False
        try:
            self._texts.renew(self._edit.new_text)
        except CannotEditError as error:
            self.context.not_applied(str(error))
            return False
        edit = self._edit
        if self._texts.new == self._texts.old and edit.finish is None and edit.also is None:
            self.context.not_applied(SAME_TEXT)
            return False
        return True

    def _finish(self, one: Opened) -> None:
        edit, payload, ratio = self._edit, one.payload, self._texts.ratio
        if payload is None:
            return
        if edit.usage == "adjusted" and ratio != 1 and scale_output(one.slots, self._shape, ratio):
            one.touched = True
        word = self._shape.finish_words.get(edit.finish or "")
        if word is not None and self._shape.set_finish(payload, word):
            one.touched = True
        if edit.also is not None:
            one.touched = _both(one.touched, edit.also(payload))

    def _tell(self, numbers: dict[str, object]) -> None:
        if self._told:
            return
        self._told = True
        before, after = (sum(map(len, texts.values())) for texts in (self._texts.old, self._texts.new))
        if self._edit.constant is None:
            numbers = {"characters_before": before, **numbers}  # else the old text is still coming
        else:
            after = len(self._edit.constant)
        self.context.note(self._edit.what, characters_after=after, **numbers)


def _both(one: Touched, other: Touched) -> Touched:
    return None if one is None or other is None else one or other


def edited_text(context: "FaultContext", edit: TextEdit, dialects: frozenset[str] = TEXT_DIALECTS) -> Parts:
    """The stage of a TextEdit; where the dialect has no text, one that passes everything."""
    shape = shape_for(context, dialects)
    return Parts(context) if shape is None else EditedText(context, shape, edit)
