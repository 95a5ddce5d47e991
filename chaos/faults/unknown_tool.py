"""Call a tool that the request does not offer."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage, require
from llmops.chaos.wire.each_payload import each_payload, put_all


@dataclass(frozen=True)
class UnknownTool:
    """Every call in the answer names it; an answer without a call is reported."""

    name: str = "launch_missiles"

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        require(bool(self.name), "name is empty")

    def stage(self, context: FaultContext) -> Stage:
        what = f"tool {self.name}"
        return each_payload(context, what, lambda payload, shape: put_all(payload, shape, "tool_name", self.name))
