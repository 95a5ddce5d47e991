import base64
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.wrong_dimension import WrongDimension
from llmops.errors import BadInput

CODINGS = ("", "gzip", "deflate", "br", "zstd")


def vectors(payload: dict[str, Any]) -> list[Any]:
    return [item["embedding"] for item in payload["data"]]


def in_base64(answer: bytes) -> bytes:
    payload = json.loads(answer)
    for item in payload["data"]:
        item["embedding"] = base64.b64encode(struct.pack("<3f", *item["embedding"])).decode()
    return json.dumps(payload).encode()


def read(payload: dict[str, Any]) -> list[list[float]]:
    return [list(struct.unpack(f"<{len(data) // 4}f", data)) for data in map(base64.b64decode, vectors(payload))]


@pytest.mark.parametrize(("dimensions", "first"), [(2, [0.6, 0.8]), (5, [0.6, 0.8, 0.0, 0.0, 0.0])])
@pytest.mark.parametrize("coding", CODINGS)
def test_each_vector_is_cut_or_goes_on(
    through: Callable[..., Any], dimensions: int, first: list[float], coding: str
) -> None:
    seen = through(WrongDimension(dimensions), "openai_embeddings", coding=coding)
    assert vectors(seen.json)[0] == first
    assert {len(vector) for vector in vectors(seen.json)} == {dimensions}
    assert seen.applied == [{"applied": True, "what": "another dimension", "vectors": 3, "dimensions": dimensions}]


def test_base64_stays_base64(through: Callable[..., Any], answer_bytes: Callable[..., bytes]) -> None:
    seen = through(WrongDimension(2), "openai_embeddings", body=in_base64(answer_bytes("openai_embeddings")))
    assert read(seen.json)[0] == pytest.approx([0.6, 0.8])


def test_the_true_dimension_is_no_change(through: Callable[..., Any]) -> None:
    seen = through(WrongDimension(3), "openai_embeddings")
    assert (seen.body, seen.applied, len(seen.reasons)) == (seen.upstream, [], 1)


def test_no_dimension_is_refused() -> None:
    with pytest.raises(BadInput):
        WrongDimension(0)


def test_a_chat_has_no_vectors(through: Callable[..., Any]) -> None:
    cls = WrongDimension
    seen = through(cls(2), "openai_chat")
    assert (seen.body, seen.reasons) == (seen.upstream, ["openai_chat has no such thing in its answers"])
