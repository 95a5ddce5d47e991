"""After the fault the system answers well again."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.functional_success import FunctionalSuccess
from llmops.chaos.experiments.evidence import PhaseKind


@dataclass(frozen=True)
class AliveAfterwards(FunctionalSuccess):
    """The same as functional_success, over the recovery."""

    kind: ClassVar[PhaseKind] = "recover"
