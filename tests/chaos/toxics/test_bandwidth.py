from typing import Any

from llmops.chaos.toxics.bandwidth import Bandwidth


def test_thirty_kilobytes_at_a_hundred_a_second_take_three_tenths(pipe: Any) -> None:
    given, took_s, _ = pipe(Bandwidth(rate=100), [b"x" * 30_000])
    assert [len(data) for data, _ in given] == [10_000, 10_000, 10_000]
    assert 0.3 <= took_s < 0.4
    assert all(at >= n * 0.1 for n, (_, at) in enumerate(given, 1))


def test_a_rate_of_zero_does_not_limit(pipe: Any) -> None:
    given, took_s, _ = pipe(Bandwidth(rate=0), [b"x" * 1_000_000])
    assert [len(data) for data, _ in given] == [1_000_000]
    assert took_s < 0.1
