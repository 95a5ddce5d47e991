from typing import Any

from llmops.chaos.toxics.noop import Noop


def test_all_passes_at_once_and_the_end_too(pipe: Any) -> None:
    given, took_s, stub = pipe(Noop(), [b"a", b"b"])
    assert [data for data, _ in given] == [b"a", b"b"]
    assert took_s < 0.05
    assert stub.closed
