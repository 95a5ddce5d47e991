from typing import Any

import pytest

from llmops.chaos.toxics.limit_data import LimitData


@pytest.mark.parametrize(
    ("limit", "through"), [(0, b""), (1, b"a"), (4, b"abcd"), (5, b"abcde"), (6, b"abcdef"), (99, b"abcdef")]
)
def test_it_closes_to_the_byte(pipe: Any, limit: int, through: bytes) -> None:
    given, _, stub = pipe(LimitData(bytes=limit), [b"abc", b"def"])
    assert b"".join(data for data, _ in given) == through
    assert stub.closed
