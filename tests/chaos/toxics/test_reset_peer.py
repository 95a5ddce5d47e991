from typing import Any

from llmops.chaos.toxics.reset_peer import ResetPeer


def test_the_first_data_start_the_clock_and_are_lost(pipe: Any) -> None:
    given, took_s, stub = pipe(ResetPeer(timeout=60), [b"a", b"b"])
    assert given == []
    assert took_s >= 0.06
    assert stub.reset
    assert stub.closed
