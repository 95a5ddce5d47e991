import base64
import json
import math
import struct
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.rotated_vector import RotatedVector


def vectors(payload: dict[str, Any]) -> list[Any]:
    return [item["embedding"] for item in payload["data"]]


def in_base64(answer: bytes) -> bytes:
    payload = json.loads(answer)
    for item in payload["data"]:
        item["embedding"] = base64.b64encode(struct.pack("<3f", *item["embedding"])).decode()
    return json.dumps(payload).encode()


def read(payload: dict[str, Any]) -> list[list[float]]:
    return [list(struct.unpack(f"<{len(data) // 4}f", data)) for data in map(base64.b64decode, vectors(payload))]


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))


def test_lengths_and_angles_among_them_stay(through: Callable[..., Any]) -> None:
    old = vectors(through([], "openai_embeddings").json)
    new = vectors(through(RotatedVector(), "openai_embeddings").json)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert cosine(new[one], new[other]) == pytest.approx(cosine(old[one], old[other]))
    assert [math.hypot(*vector) for vector in new] == pytest.approx([1.0, 1.0, 1.0])
    assert new[0] != pytest.approx(old[0])


def test_a_long_vector_is_nearly_at_right_angles_to_the_true_one(through: Callable[..., Any]) -> None:
    long = [math.sin(at) for at in range(1536)]
    body = json.dumps({"data": [{"embedding": long}]}).encode()
    seen = through(RotatedVector(), "openai_embeddings", body=body)
    assert abs(cosine(vectors(seen.json)[0], long)) < 0.1


def test_the_rotation_is_fixed_by_its_seed_alone(through: Callable[..., Any]) -> None:
    bodies = [through(RotatedVector(n), "openai_embeddings", seed=s).body for n, s in ((1, 1), (1, 2), (2, 1))]
    assert bodies[0] == bodies[1] != bodies[2]


def test_base64_stays_base64(through: Callable[..., Any], answer_bytes: Callable[..., bytes]) -> None:
    coded = through(RotatedVector(), "openai_embeddings", body=in_base64(answer_bytes("openai_embeddings")))
    assert read(coded.json)[0] == pytest.approx(vectors(through(RotatedVector(), "openai_embeddings").json)[0])


def test_a_chat_has_no_vectors(through: Callable[..., Any]) -> None:
    cls = RotatedVector
    seen = through(cls(), "openai_chat")
    assert (seen.body, seen.reasons) == (seen.upstream, ["openai_chat has no such thing in its answers"])
