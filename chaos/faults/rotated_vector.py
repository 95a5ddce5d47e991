"""Answer with another model's vectors: a fixed rotation of the true ones."""

import math
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.vectors import Vector, edited_vectors
from llmops.randomness import stream


@dataclass(frozen=True)
class RotatedVector:
    """Lengths and angles among rotated vectors stay; against the true ones the cosine is near 0."""

    seed: int = 1  # the same seed is the same other model

    family: ClassVar[Family] = "embeddings"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return edited_vectors(context, "rotated vectors", lambda vectors: [self._rotated(one) for one in vectors])

    def _rotated(self, vector: Vector) -> Vector:
        """Each pair of neighbouring dimensions by an angle of its own; an odd last dimension changes its sign."""
        angles = stream(self.seed, "rotated_vector")
        rotated: Vector = []
        for one, other in zip(vector[::2], vector[1::2], strict=False):
            angle = angles.uniform(0, 2 * math.pi)
            sine, cosine = math.sin(angle), math.cos(angle)
            rotated += [one * cosine - other * sine, one * sine + other * cosine]
        return rotated + [-value for value in vector[len(rotated) :]]
