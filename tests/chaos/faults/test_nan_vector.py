import base64
import json
import math
import struct
from collections.abc import Callable
from typing import Any

from llmops.chaos.faults.nan_vector import NanVector


def vectors(payload: dict[str, Any]) -> list[Any]:
    return [item["embedding"] for item in payload["data"]]


def in_base64(answer: bytes) -> bytes:
    payload = json.loads(answer)
    for item in payload["data"]:
        item["embedding"] = base64.b64encode(struct.pack("<3f", *item["embedding"])).decode()
    return json.dumps(payload).encode()


def read(payload: dict[str, Any]) -> list[list[float]]:
    return [list(struct.unpack(f"<{len(data) // 4}f", data)) for data in map(base64.b64decode, vectors(payload))]


def test_each_has_a_nan(through: Callable[..., Any], answer_bytes: Callable[..., bytes]) -> None:
    seen = through(NanVector(), "openai_embeddings")
    assert seen.body.count(b"[NaN,") == 3
    assert all(math.isnan(vector[0]) for vector in vectors(seen.json))  # Python's json lets it pass
    assert seen.applied[0]["what"] == "NaN in vectors"
    coded = through(NanVector(), "openai_embeddings", body=in_base64(answer_bytes("openai_embeddings")))
    assert all(math.isnan(vector[0]) for vector in read(coded.json))


def test_a_chat_has_no_vectors(through: Callable[..., Any]) -> None:
    cls = NanVector
    seen = through(cls(), "openai_chat")
    assert (seen.body, seen.reasons) == (seen.upstream, ["openai_chat has no such thing in its answers"])
