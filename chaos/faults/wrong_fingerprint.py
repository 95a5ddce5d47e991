"""Say another system fingerprint; where there is none, another id of the answer."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage, require
from llmops.chaos.wire.each_payload import each_payload, put_all


@dataclass(frozen=True)
class WrongFingerprint:
    """Chat: system_fingerprint; elsewhere the id, always the same one, as from a cache that mixes answers up."""

    fingerprint: str = "fp_000000000000"

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        require(bool(self.fingerprint), "fingerprint is empty")

    def stage(self, context: FaultContext) -> Stage:
        what = f"fingerprint {self.fingerprint}"
        return each_payload(
            context, what, lambda payload, shape: put_all(payload, shape, "fingerprint", self.fingerprint)
        )
