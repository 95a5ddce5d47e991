"""What an answer said and what it says instead: the new text laid over the pieces of the old one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from llmops.chaos.wire.json_scan import parsed
from llmops.chaos.wire.parts import Event
from llmops.chaos.wire.payload import Payload, Touched, payload_of, written
from llmops.chaos.wire.slots import Shape, Slot, SlotKind
from llmops.chaos.wire.stages import CannotEditError


@dataclass
class Opened:
    """One event and what is in it."""

    event: Event
    payload: Payload | None
    slots: list[Slot]
    touched: Touched = False

    def of(self, kind: SlotKind) -> list[Slot]:
        return [slot for slot in self.slots if slot.kind == kind]


def opened(event: Event, shape: Shape) -> Opened:
    """An event of a stream."""
    payload = payload_of(event)
    return Opened(event, payload, list(shape.slots(payload)) if payload else [])


@dataclass
class Texts:
    """The texts of one answer by key, in its slots of one kind: as they were, and as they are to be."""

    kind: SlotKind
    old: dict[str, str] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)
    objects: set[str] = field(default_factory=set)  # keys whose values are objects, seen as JSON text

    @property
    def ratio(self) -> float:
        """How much longer the new ones are, in characters."""
        before = sum(map(len, self.old.values()))
        return sum(map(len, self.new.values())) / before if before else 1.0

    def read(self, events: Sequence[Opened]) -> None:
        """Take in what these say."""
        for slot in (slot for one in events for slot in one.of(self.kind)):
            self.old[slot.key] = self.old.get(slot.key, "") + as_text(slot.value)
            if not isinstance(slot.value, str):
                self.objects.add(slot.key)

    def renew(self, new_text: Callable[[str], str]) -> None:
        """Make the new texts. CannotEditError where one cannot be."""
        for key, old in self.old.items():
            self.new[key] = new_text(old)
        for key in self.objects:
            if parsed(self.new[key].encode()) is None:
                raise CannotEditError("here the arguments are an object, which cannot be broken so")

    def lay(self, events: Sequence[Opened]) -> None:
        """Lay the new texts over the slots of the old ones, in proportion."""
        for key, new in self.new.items():
            slots = [(one, slot) for one in events for slot in one.of(self.kind) if slot.key == key]
            lengths = [len(as_text(slot.value)) for _, slot in slots]
            for (one, slot), piece in zip(slots, spread(new, lengths), strict=True):
                if as_text(slot.value) != piece:
                    slot.put(_like(slot.value, piece))
                    one.touched = True


def as_text(value: object) -> str:
    """Anthropic's and Gemini's arguments are objects; edits see all arguments as JSON text."""
    return value if isinstance(value, str) else written(value).decode()


def _like(value: object, text: str) -> object:
    if isinstance(value, str):
        return text
    return parsed(text.encode())


def next_word(text: str) -> tuple[str, str]:
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
