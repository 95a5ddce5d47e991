from random import Random
from typing import Any

from llmops.chaos.toxics.slicer import Slicer


def test_slices_join_to_what_came(pipe: Any) -> None:
    data = bytes(range(256)) * 4
    given, _, _ = pipe(Slicer(average_size=64, size_variation=10), [data])
    assert b"".join(piece for piece, _ in given) == data
    assert len(given) > 8
    assert max(len(piece) for piece, _ in given) <= 64 + 10


def test_a_delay_of_two_milliseconds_stands_between_slices(pipe: Any) -> None:
    given, took_s, _ = pipe(Slicer(average_size=10, delay=2000), [b"x" * 80])
    assert [len(piece) for piece, _ in given] == [10] * 8
    assert took_s >= 8 * 0.002


def test_without_a_size_bytes_come_singly() -> None:
    assert list(Slicer().sizes(3, Random(0))) == [1, 1, 1]


def test_a_variation_above_the_average_ends_too() -> None:
    rng = Random(5)
    for _ in range(200):
        assert sum(Slicer(average_size=1, size_variation=500).sizes(2000, rng)) == 2000
