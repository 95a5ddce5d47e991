from typing import Any

from llmops.chaos.toxics.latency import Latency


def test_each_chunk_waits_and_the_waits_do_not_add_up(pipe: Any) -> None:
    given, _, _ = pipe(Latency(latency=50), [b"a", b"b", b"c"])
    assert [data for data, _ in given] == [b"a", b"b", b"c"]
    assert all(0.05 <= at < 0.1 for _, at in given)


def test_jitter_is_between_its_bounds_and_keeps_the_order(pipe: Any) -> None:
    given, _, _ = pipe(Latency(latency=50, jitter=20), [b"%d" % n for n in range(10)])
    assert [data for data, _ in given] == [b"%d" % n for n in range(10)]
    assert all(at >= 0.03 for _, at in given)
    assert given[-1][1] < 0.15
