import base64
import json
import struct
from collections.abc import Callable
from typing import Any

from llmops.chaos.faults.zero_vector import ZeroVector


def vectors(payload: dict[str, Any]) -> list[Any]:
    return [item["embedding"] for item in payload["data"]]


def in_base64(answer: bytes) -> bytes:
    payload = json.loads(answer)
    for item in payload["data"]:
        item["embedding"] = base64.b64encode(struct.pack("<3f", *item["embedding"])).decode()
    return json.dumps(payload).encode()


def read(payload: dict[str, Any]) -> list[list[float]]:
    return [list(struct.unpack(f"<{len(data) // 4}f", data)) for data in map(base64.b64decode, vectors(payload))]


def test_all_are_zero(through: Callable[..., Any], answer_bytes: Callable[..., bytes]) -> None:
    seen = through(ZeroVector(), "openai_embeddings", coding="gzip")
    assert vectors(seen.json) == [[0.0] * 3] * 3
    assert seen.applied[0]["what"] == "zero vectors"
    coded = through(ZeroVector(), "openai_embeddings", body=in_base64(answer_bytes("openai_embeddings")))
    assert read(coded.json) == [[0.0] * 3] * 3


def test_a_chat_has_no_vectors(through: Callable[..., Any]) -> None:
    cls = ZeroVector
    seen = through(cls(), "openai_chat")
    assert (seen.body, seen.reasons) == (seen.upstream, ["openai_chat has no such thing in its answers"])
