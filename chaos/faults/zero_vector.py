"""Answer with vectors of zeros, of which no cosine is defined."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.vectors import Vector, edited_vectors


@dataclass(frozen=True)
class ZeroVector:
    """All of them."""

    family: ClassVar[Family] = "embeddings"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return edited_vectors(context, "zero vectors", _zeros)


def _zeros(vectors: list[Vector]) -> list[Vector]:
    return [[0.0] * len(vector) for vector in vectors]
