"""The published figures behind the lines that no log can tell: read once from `data/lines.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from llmops.costmodel.tco.lines import Range
from llmops.report import Source


@dataclass(frozen=True)
class Assumption:
    """A published figure with its ends, its unit, where it applies, and who says so."""

    name: str
    what: str
    unit: str
    value: Range
    applies_to: Literal["rented", "owned", "both"]
    source: Source
    more: Mapping[str, Decimal]  # further numbers that only this line has, such as `copies_low`

    def more_range(self, prefix: str) -> Range:
        """The range of the further numbers `<prefix>_low`, `_typical` and `_high`."""
        return Range(*(Decimal(self.more[f"{prefix}_{end}"]) for end in ("low", "typical", "high")))


@cache
def assumptions() -> Mapping[str, Assumption]:
    """All of them, by name of the line, in the order of the file."""
    text = (files("llmops.costmodel.tco") / "data" / "lines.toml").read_text(encoding="utf-8")
    return {name: _assumption(name, entry) for name, entry in tomllib.loads(text, parse_float=Decimal).items()}


def _assumption(name: str, entry: dict[str, Any]) -> Assumption:
    ends = (Decimal(entry.pop(end)) for end in ("low", "typical", "high"))
    dated: date = entry.pop("dated")
    return Assumption(
        name=name,
        what=entry.pop("what"),
        unit=entry.pop("unit"),
        value=Range(*ends),
        applies_to=entry.pop("applies_to"),
        source=Source(name, entry.pop("source"), dated, entry.pop("url")),
        more=entry,
    )
