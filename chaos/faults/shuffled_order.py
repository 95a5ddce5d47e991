"""Answer with the vectors in another order than the inputs."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.vectors import Vector, edited_vectors


@dataclass(frozen=True)
class ShuffledOrder:
    """The indices stay where they were, so that each vector claims to be another input's."""

    family: ClassVar[Family] = "embeddings"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return edited_vectors(context, "vectors in another order", lambda vectors: _shuffled(context, vectors))


def _shuffled(context: FaultContext, vectors: list[Vector]) -> list[Vector]:
    """Turned by a drawn number of places, so that none stays where it was."""
    if len(vectors) < 2:  # noqa: PLR2004 - a pair
        return vectors
    by = context.rng.randrange(1, len(vectors))
    return vectors[by:] + vectors[:by]
