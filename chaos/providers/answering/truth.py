"""The text that a simulated model answers with: known words, with a mark at both ends, so that a cut one shows."""

import re
from collections.abc import Sequence
from random import Random

from llmops.chaos.providers.answering.ask import Turn
from llmops.randomness import stream, stream_seed

SENTENCES = 5  # words of English, two of them with a character of several bytes: encodings are tried too
ADJECTIVES = ("quiet", "steady", "bright", "careful", "plain", "early", "narrow", "warm", "clear", "naïve")
NOUNS = ("harbour", "engine", "garden", "ledger", "bridge", "signal", "market", "river", "café", "orchard")
VERBS = ("follows", "measures", "carries", "answers", "repairs", "watches", "crosses", "feeds", "opens", "shapes")

WHOLE = re.compile(r"\s*Report ([0-9a-f]{8}): .*End of report \1\.\s*", re.DOTALL)


def conversation_seed(turns: Sequence[Turn], seed: int, choice: int = 0) -> int:
    """Decides the answer: what the user and the tools said. Not the provider, so that a fallback says the same."""
    said = "\x1f".join(f"{turn.role}\x1e{turn.text}" for turn in turns if turn.role in {"user", "tool"})
    return stream_seed(seed, f"{choice}:{said}")


def mark(answer_seed: int) -> str:
    """Names an answer: eight hexadecimal digits."""
    return f"{answer_seed & 0xFFFF_FFFF:08x}"


def report(answer_seed: int) -> str:
    """The whole text of an answer."""
    name, dice = mark(answer_seed), stream(answer_seed, "report")
    sentences = " ".join(_sentence(dice) for _ in range(SENTENCES))
    return f"Report {name}: {sentences} End of report {name}."


def is_whole(text: str) -> bool:
    """Whether this is the whole text of an answer in plain words: both marks are there and name the same report."""
    return WHOLE.fullmatch(text) is not None


def _sentence(dice: Random) -> str:
    pick = dice.choice
    return f"The {pick(ADJECTIVES)} {pick(NOUNS)} {pick(VERBS)} the {pick(ADJECTIVES)} {pick(NOUNS)}."
