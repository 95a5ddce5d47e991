"""Embeddings of a simulated model: the mean of one random vector a word, so that like texts lie near each other."""

import math
from functools import lru_cache

from llmops.chaos.providers.answering.tokens import tokens
from llmops.randomness import stream


def embedding(text: str, model: str, dimensions: int, seed: int) -> list[float]:
    """The vector of a text, of length 1. Vectors of two models have nothing to do with each other."""
    words = [piece.strip().lower() for piece in tokens(text)] or [""]
    columns = zip(*(_word_vector(word, model, dimensions, seed) for word in words), strict=True)
    total = [sum(column) for column in columns]
    length = math.sqrt(sum(value * value for value in total))
    return [value / length for value in total]


@lru_cache(maxsize=2048)  # of words; at 1,536 dimensions about 25 MB of shared floats
def _word_vector(word: str, model: str, dimensions: int, seed: int) -> tuple[float, ...]:
    dice = stream(seed, f"embedding:{model}:{word}")
    return tuple(dice.gauss(0, 1) for _ in range(dimensions))
