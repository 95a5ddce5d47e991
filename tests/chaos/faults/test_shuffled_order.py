import base64
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.shuffled_order import ShuffledOrder


def vectors(payload: dict[str, Any]) -> list[Any]:
    return [item["embedding"] for item in payload["data"]]


def in_base64(answer: bytes) -> bytes:
    payload = json.loads(answer)
    for item in payload["data"]:
        item["embedding"] = base64.b64encode(struct.pack("<3f", *item["embedding"])).decode()
    return json.dumps(payload).encode()


def read(payload: dict[str, Any]) -> list[list[float]]:
    return [list(struct.unpack(f"<{len(data) // 4}f", data)) for data in map(base64.b64decode, vectors(payload))]


@pytest.mark.parametrize("seed", range(6))
def test_no_vector_stays_where_it_was_and_the_indices_do(through: Callable[..., Any], seed: int) -> None:
    old = vectors(through([], "openai_embeddings").json)
    seen = through(ShuffledOrder(), "openai_embeddings", seed=seed)
    new = vectors(seen.json)
    assert sorted(new) == sorted(old)
    assert all(one != other for one, other in zip(old, new, strict=True))
    assert [item["index"] for item in seen.json["data"]] == [0, 1, 2]
    assert seen.applied[0]["what"] == "vectors in another order"


def test_one_vector_alone_is_reported(through: Callable[..., Any]) -> None:
    seen = through(ShuffledOrder(), "openai_embeddings", body=b'{"data":[{"embedding":[1.0]}]}')
    assert (seen.body, seen.applied, len(seen.reasons)) == (seen.upstream, [], 1)


def test_a_chat_has_no_vectors(through: Callable[..., Any]) -> None:
    cls = ShuffledOrder
    seen = through(cls(), "openai_chat")
    assert (seen.body, seen.reasons) == (seen.upstream, ["openai_chat has no such thing in its answers"])
