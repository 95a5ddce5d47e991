"""400 because the prompt is longer than the model's context."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part
from llmops.errors import BadInput


@dataclass(frozen=True)
class ContextLength:
    """Whatever the request's real length: a router should try a model with a longer context."""

    family: ClassVar[Family] = "http"

    context_tokens: int = 128_000  # told as the most that fits
    prompt_tokens: int = 130_211  # told as what came

    def __post_init__(self) -> None:
        at_least(1, context_tokens=self.context_tokens)
        if self.prompt_tokens <= self.context_tokens:
            raise BadInput(
                f"context_length: a prompt of {self.prompt_tokens} tokens fits into {self.context_tokens}",
                hint="prompt_tokens must be larger than context_tokens",
            )

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        return provider_error(context, "context_length", limit=self.context_tokens, requested=self.prompt_tokens)
