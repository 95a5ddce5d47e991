from typing import Any

from llmops.chaos.toxics.slow_close import SlowClose


def test_data_pass_at_once_and_the_end_comes_late(pipe: Any) -> None:
    given, took_s, _ = pipe(SlowClose(delay=100), [b"a", b"b"])
    assert [data for data, _ in given] == [b"a", b"b"]
    assert given[-1][1] < 0.08
    assert 0.1 <= took_s < 0.2
