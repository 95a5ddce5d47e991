"""Paths into records as SQL: each text is parsed once, however many paths lead into it."""

from dataclasses import dataclass, field

from llmops.costmodel.usage.containers import Records
from llmops.costmodel.usage.quoting import json_pointer
from llmops.costmodel.usage.readers.base import NOTHING


@dataclass
class Fields:
    """The paths that a reader asked for, collected while it asks (it is the `At` of readers/base.py).

    Level one are the fields of the record: the keys of a JSON object (list `f`), or columns. Level two are the places
    inside a field that holds JSON (one list a field: `f0`, `f1` ...).
    """

    records: Records
    _first: dict[str, int] = field(default_factory=dict)
    _inside: dict[str, dict[tuple[str, ...], int]] = field(default_factory=dict)

    def __call__(self, *path: str) -> str:
        name, *rest = path
        if self.records.fields is not None and name not in self.records.fields:
            return NOTHING
        number = self._first.setdefault(name, len(self._first))
        if not rest:
            return f"nullif(trim({self._field(name)}), '')"
        places = self._inside.setdefault(name, {})
        place = places.setdefault(tuple(rest), len(places))
        return f"nullif(trim(f{number}[{place + 1}]), '')"

    def _field(self, name: str) -> str:
        if self.records.fields is not None:
            return self.records.fields[name]
        return f"f[{self._first[name] + 1}]"

    @property
    def used(self) -> dict[str, str]:
        """The SQL text of the fields that were asked for, by name."""
        return {name: self._field(name) for name in self._first}

    def level_one(self) -> str:
        """SQL columns to add to the relation of the records."""
        if self.records.fields is not None or not self._first:
            return ""
        pointers = ", ".join(json_pointer([name]) for name in self._first)
        return f", case when fault is null then try(json_extract_string(text, [{pointers}])) end as f"

    def level_two(self) -> str:
        """SQL columns to add to level one."""
        parts = []
        for name, places in self._inside.items():
            text = self._field(name)
            pointers = ", ".join(json_pointer(place) for place in places)
            inside = f"try(json_extract_string({text}, [{pointers}]))"
            parts.append(f", case when starts_with({text}, '{{') then {inside} end as f{self._first[name]}")
        return "".join(parts)
