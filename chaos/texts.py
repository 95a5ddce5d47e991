"""The texts that faults put into answers: data files in `faults/data/`, each text with its source."""

import tomllib
from functools import cache
from pathlib import Path

from llmops.errors import UnknownName, nearest_hint


def text(family: str, name: str) -> str:
    """One text of a family, as `text("soft_refusal", "sorry")`. UnknownName where there is none of that name."""
    texts = names(family)
    if name not in texts:
        raise UnknownName(f"{family} has no text named {name!r}", hint=nearest_hint(name, texts))
    return str(_texts()[family][name]["text"])


def names(family: str) -> list[str]:
    """The names of the texts of a family, sorted."""
    return sorted(_texts()[family])


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    path = Path(__file__).parent / "faults" / "data" / "texts.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
