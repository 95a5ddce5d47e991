"""One mapping of a Chaos Toolkit file: its fields are read with their kind, and what cannot be is refused by name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from llmops.chaos.experiments.loader import Path_, Source
from llmops.errors import BadInput, nearest_hint

KINDS: Mapping[type, str] = {str: "text", bool: "true or false", list: "a list", dict: "a mapping"}


@dataclass(frozen=True)
class Part:
    """A mapping, and where it stands."""

    source: Source
    data: Mapping[str, Any]
    path: Path_ = ()

    def only(self, known: Collection[str], not_carried: Mapping[str, str]) -> None:
        """BadInput for a key that is not known, or that has no counterpart here: then with the reason."""
        for name in self.data:
            if name in not_carried:
                message = f"{self.dotted(name)} cannot be carried over: {not_carried[name]}"
                raise self.refusal(message, name, hint="take it out, or run it with Chaos Toolkit")
            if name not in known:
                raise self.refusal(f"unknown key {self.dotted(name)!r}", name, hint=nearest_hint(name, known))

    def text(self, name: str, default: str | None = None) -> str:
        """A text with something in it. BadInput."""
        value: str = self._of(name, str, default)
        if not value.strip():
            raise self.refusal(f"{self.dotted(name)} is empty", name)
        return value

    def truth(self, name: str, *, default: bool = False) -> bool:
        found: bool = self._of(name, bool, default)
        return found

    def part(self, name: str) -> "Part":
        """The mapping of this name; an empty one where there is none."""
        return Part(self.source, self._of(name, dict, {}), (*self.path, name))

    def parts(self, name: str) -> list["Part"]:
        """The mappings in the list of this name."""
        found = []
        for at, each in enumerate(self._of(name, list, [])):
            if not isinstance(each, dict):
                raise self.refusal(f"{self.dotted(name)}.{at} is {each!r}, and no mapping", name, at)
            found.append(Part(self.source, each, (*self.path, name, at)))
        return found

    def _of(self, name: str, kind: type, default: Any) -> Any:  # noqa: ANN401 - of that kind
        value = self.data.get(name)
        if value is None:
            if default is None:
                raise self.refusal(f"{self.dotted() or 'the experiment'} has no {name!r}", hint="it is required")
            return default
        if not isinstance(value, kind):
            raise self.refusal(f"{self.dotted(name)} must be {KINDS[kind]}, not {value!r}", name)
        return value

    def dotted(self, *more: int | str) -> str:
        return ".".join(map(str, (*self.path, *more)))

    def refusal(self, message: str, *more: int | str, hint: str = "") -> BadInput:
        """What is wrong here, after its file and line."""
        return self.source.refusal(message, *self.path, *more, hint=hint)
