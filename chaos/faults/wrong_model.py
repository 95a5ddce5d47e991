"""Say another model's name than the one that answered."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage, require
from llmops.chaos.wire.each_payload import each_payload, put_all

ANY = frozenset({"openai_chat", "openai_responses", "openai_embeddings", "anthropic_messages", "gemini"})


@dataclass(frozen=True)
class WrongModel:
    """A silent downgrade: the name is in the body and in each event that has one."""

    model: str = "gpt-3.5-turbo-0125"

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        require(bool(self.model), "model is empty")

    def stage(self, context: FaultContext) -> Stage:
        what = f"model {self.model}"
        return each_payload(
            context, what, lambda payload, shape: put_all(payload, shape, "model", self.model), dialects=ANY
        )
