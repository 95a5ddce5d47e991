"""How long a wait feels, and how fast people read: bands of the time to the first token, from `perception.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from llmops.errors import UnknownName, nearest_hint

DATA = Path(__file__).parent / "data" / "perception.toml"
NOT_A_SCHEME = ("checked", "reading")


@dataclass(frozen=True)
class Bands:
    """A scheme: names, and where each but the last ends. The first ends before its limit, the others with it."""

    name: str
    source: str
    label: str  # how sure we are of it
    checked: date
    names: tuple[str, ...]
    limits_s: tuple[float, ...]

    def of(self, wait_s: float) -> str:
        """The band that a wait falls in. ValueError for one that is no number."""
        if not wait_s >= 0:
            raise ValueError(f"a wait of {wait_s} s cannot be")
        if wait_s < self.limits_s[0]:
            return self.names[0]
        beyond = sum(wait_s > limit for limit in self.limits_s[1:])
        return self.names[1 + beyond]


def schemes() -> list[str]:
    """The names of all schemes; the first is the usual one."""
    return [name for name in _data() if name not in NOT_A_SCHEME]


def bands(name: str) -> Bands:
    """The scheme of that name. UnknownName, with the nearest as the hint."""
    if name not in schemes():
        raise UnknownName(f"no scheme of bands is named {name!r}", hint=nearest_hint(name, schemes()))
    scheme = _data()[name]
    listed = scheme["bands"]
    return Bands(
        name,
        scheme["source"],
        scheme["label"],
        _data()["checked"],
        tuple(band["name"] for band in listed),
        tuple(band.get("below_s", band.get("up_to_s")) for band in listed[:-1]),
    )


def reading_tokens_per_second() -> float:
    """How fast people read; what is streamed faster than this nobody notices."""
    return float(_data()["reading"]["tokens_per_second"])


def reading_source() -> str:
    reading = _data()["reading"]
    return f"{reading['source']} [{reading['label']}]"


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
