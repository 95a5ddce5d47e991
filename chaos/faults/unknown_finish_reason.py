"""Say a finish reason that the protocol does not have."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage, require
from llmops.chaos.reliability.facts import finish_kinds
from llmops.chaos.wire.each_payload import each_payload
from llmops.chaos.wire.stages import Parts

VLLM = "abort"  # known of its servers, and unknown to the protocol


@dataclass(frozen=True)
class UnknownFinishReason:
    """`abort` is what vLLM says when it drops a request (vllm#57082). Not applied where the dialect has the reason."""

    reason: str = "abort"

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        require(bool(self.reason), "reason is empty", hint="missing_finish_reason says none")

    def stage(self, context: FaultContext) -> Stage:
        dialect = context.request.dialect
        if dialect is not None and self.reason in finish_kinds(dialect.name).keys() - {VLLM}:
            context.not_applied(f"{dialect.name} has the finish reason {self.reason}")
            return Parts(context)
        what = f"finish reason {self.reason}"
        return each_payload(context, what, lambda payload, shape: shape.set_finish(payload, self.reason))
