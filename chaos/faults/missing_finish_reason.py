"""Say no finish reason, as if the answer had not ended."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.each_payload import each_payload
from llmops.chaos.wire.payload import Payload, Touched
from llmops.chaos.wire.slots import Shape


@dataclass(frozen=True)
class MissingFinishReason:
    """null where the dialect has null, else left out; of a body and of a stream."""

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return each_payload(context, "finish reason taken away", _unfinished)


def _unfinished(payload: Payload, shape: Shape) -> Touched:
    return shape.set_finish(payload, None)
