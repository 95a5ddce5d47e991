"""The places in an answer that a fault may change, the same in every dialect, in a whole body and in an event."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

SlotKind = Literal[
    "text",  # the visible text: whole in a body, a piece of it in an event
    "whole_text",  # the whole text once more, in an event behind its pieces
    "refusal",
    "finish",
    "model",
    "fingerprint",  # of the system that served it, and the answer's id where it has none
    "id",
    "tool_name",
    "tool_arguments",  # JSON as a string, or a piece of it; an object in Anthropic's and Gemini's bodies
    "whole_tool_arguments",
    "choices",
    "usage",  # the whole object
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cached_tokens",
    "reasoning_tokens",
]
TOKEN_KINDS = frozenset({"input_tokens", "output_tokens", "total_tokens", "cached_tokens", "reasoning_tokens"})


@dataclass(frozen=True, slots=True)
class Slot:
    """One place: `holder[name]`. `key` tells apart choices, blocks and tool calls; a finish of key `*` is of all."""

    kind: SlotKind
    key: str
    holder: Any
    name: Any

    @property
    def value(self) -> Any:  # noqa: ANN401 - JSON is any value
        return self.holder[self.name]

    def put(self, value: object) -> None:
        self.holder[self.name] = value


class Shape(Protocol):
    """Where a dialect keeps these places, and what it cannot say by changing one of them."""

    finish_words: dict[str, str]
    """stop, length, content_filter, tool_calls in the dialect's own words."""
    output_includes_reasoning: bool
    """Whether its count of output tokens has the reasoning in it."""
    null_usage: bool
    """Whether usage that is not counted is null; else it is left out."""

    def slots(self, payload: dict[str, Any]) -> Iterator[Slot]:
        """The places of one body or event that are there; unknown shapes have none."""
        ...

    def set_finish(self, payload: dict[str, Any], word: str | None) -> bool:
        """Say another finish reason (the dialect's own word, None for none); false where this payload says none."""
        ...

    def drop_text(self, payload: dict[str, Any]) -> bool | None:
        """Leave out the text as the dialect says `null`; None drops the event, false leaves it untouched."""
        ...

    def refuse(self, payload: dict[str, Any], words: str) -> bool | None:
        """Turn the text, which says `words` by now, into the dialect's own refusal.

        None drops the event, false leaves it untouched.
        """
        ...


def slots_at(kind: SlotKind, key: str, holder: object, *names: str) -> Iterator[Slot]:
    """A slot for each of these names that the holder has."""
    if isinstance(holder, dict):
        yield from (Slot(kind, key, holder, name) for name in names if name in holder)


def string_slots(kind: SlotKind, key: str, holder: object, name: str) -> Iterator[Slot]:
    """A slot where the holder has a string of that name."""
    if isinstance(holder, dict) and isinstance(holder.get(name), str):
        yield Slot(kind, key, holder, name)
