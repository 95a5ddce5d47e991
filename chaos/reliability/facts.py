"""The data files of the validators, each read once: finish reasons, phrases, tokens, languages."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


@cache
def facts(name: str) -> dict[str, Any]:
    """What `data/NAME.toml` holds."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def finish_kinds(dialect: str) -> dict[str, str]:
    """Each finish reason of a dialect as whole, cut, withheld or broken."""
    kinds = facts("finish_reasons").get(dialect, {})
    return {word: kind for kind, entry in kinds.items() for word in entry["words"]}
