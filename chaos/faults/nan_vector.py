"""Answer with a NaN in each vector, which spoils every sum it enters."""

import math
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.vectors import Vector, edited_vectors


@dataclass(frozen=True)
class NanVector:
    """In a list it stands as bare NaN, which strict parsers refuse; in base64 nobody sees it."""

    family: ClassVar[Family] = "embeddings"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return edited_vectors(context, "NaN in vectors", _with_nan)


def _with_nan(vectors: list[Vector]) -> list[Vector]:
    return [[math.nan, *vector[1:]] for vector in vectors]
