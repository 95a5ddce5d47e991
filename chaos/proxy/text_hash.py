"""Two texts compared by one who has only hashes of the first: the second is the same, its beginning, or another."""

import hashlib
from collections.abc import Sequence
from typing import Literal

HASH_CHARACTERS = 16
SHORTEST_HEAD = 16  # characters; the others are each twice as long

Compared = Literal["same", "cut", "other"]


def short_hash(data: bytes) -> str:
    """Tells two bodies apart without showing them."""
    return hashlib.blake2b(data, digest_size=HASH_CHARACTERS // 2).hexdigest()


def text_hash(text: str) -> str:
    """Of a text without the white space around it, which gateways strip."""
    return short_hash(_bytes(text.strip()))


def head_hashes(text: str) -> list[str]:
    """Of its first 16, 32, 64 … characters, as far as it has more than these."""
    text = text.strip()
    return [short_hash(_bytes(text[:length])) for length in _lengths(len(text))]


def compared(text: str, whole: str, heads: Sequence[str], characters: int) -> Compared:
    """The text against another, of which only hashes and the number of its characters are known."""
    text = text.strip()
    if text_hash(text) == whole:
        return "same"
    own = head_hashes(text)
    return "cut" if len(text) < characters and own == list(heads[: len(own)]) else "other"


def _lengths(characters: int) -> list[int]:
    found, length = [], SHORTEST_HEAD
    while length < characters:
        found.append(length)
        length *= 2
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
