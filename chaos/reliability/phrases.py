"""Finding known phrases in texts: case, curly apostrophes and runs of space do not count."""

import re
from collections.abc import Iterable

CURLY = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"'})
SPACE = re.compile(r"\s+")


def normal(text: str) -> str:
    """The text as phrases are compared."""
    return SPACE.sub(" ", text.translate(CURLY)).strip().casefold()


def first_in(text: str, phrases: Iterable[str]) -> str | None:
    """The first of the phrases that is in the text; both are normal."""
    return next((phrase for phrase in phrases if phrase in text), None)


def is_in(phrase: str, texts: Iterable[str]) -> bool:
    """Whether any of the texts has the phrase, which is normal."""
    return any(phrase in normal(text) for text in texts)
