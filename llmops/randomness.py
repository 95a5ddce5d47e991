"""Dice by label: the same seed and label give the same stream, and a new label moves no other."""

import hashlib
import random


def stream_seed(seed: int, label: str) -> int:
    """The seed of the stream called `label`: 128 bits that depend on nothing but the two arguments."""
    digest = hashlib.blake2b(f"{seed}:{label}".encode(), digest_size=16).digest()
    return int.from_bytes(digest, "big")


def stream(seed: int, label: str) -> random.Random:
    """A stream of the standard library; for numpy, give `stream_seed` to `numpy.random.default_rng`."""
    return random.Random(stream_seed(seed, label))
