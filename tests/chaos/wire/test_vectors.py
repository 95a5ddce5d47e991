import base64
import struct

import pytest

from llmops.chaos.wire.stages import CannotEditError
from llmops.chaos.wire.vectors import read


def test_lists_and_base64_of_little_endian_floats() -> None:
    assert read([1, 0.5]) == [1.0, 0.5]
    assert read(base64.b64encode(struct.pack("<2f", 1.0, 0.5)).decode()) == [1.0, 0.5]
    assert read("AACAPwAAAD8=") == [1.0, 0.5]  # 00 00 80 3f, 00 00 00 3f


@pytest.mark.parametrize("embedding", [None, ["a"], "no base64!", base64.b64encode(b"abc").decode(), {"a": 1}])
def test_anything_else_is_a_reason(embedding: object) -> None:
    with pytest.raises(CannotEditError):
        read(embedding)
