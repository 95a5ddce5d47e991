from dataclasses import FrozenInstanceError

import pytest

from llmops.chaos.wire.parts import AnswerHead, Piece, RequestHead, ResetOnReuse, Wait


def test_parts_are_values() -> None:
    assert Piece(b"a") == Piece(b"a")
    with pytest.raises(FrozenInstanceError):
        Piece(b"a").data = b"b"  # type: ignore[misc]
    assert RequestHead(b"GET", b"/", ()).raw == AnswerHead(200, b"OK", ()).raw == b""


def test_a_reset_on_reuse_is_a_wait_of_no_length_to_others() -> None:
    assert isinstance(ResetOnReuse(), Wait)
    assert ResetOnReuse().seconds == 0
