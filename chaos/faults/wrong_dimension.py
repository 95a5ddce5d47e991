"""Answer with vectors of another dimension."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.vectors import Vector, edited_vectors


@dataclass(frozen=True)
class WrongDimension:
    """Each vector is cut, or goes on with zeros."""

    dimensions: int = 256

    family: ClassVar[Family] = "embeddings"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        at_least(1, dimensions=self.dimensions)

    def stage(self, context: FaultContext) -> Stage:
        return edited_vectors(context, "another dimension", lambda vectors: [self._fitted(one) for one in vectors])

    def _fitted(self, vector: Vector) -> Vector:
        return (vector + [0.0] * self.dimensions)[: self.dimensions]
