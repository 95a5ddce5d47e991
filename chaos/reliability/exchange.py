"""One exchange as validators see it: what was asked, and what the answer said, in no provider's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from llmops.chaos.reliability.answer import Answer, read_answer
from llmops.chaos.wire.dialect import Asked, Dialect

TEXT_CHARACTERS = 200_000  # of one string in a request; a longer one is a file, not words
LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens")


@dataclass(frozen=True)
class Checked:
    """A request (its JSON), the answer to it (the bytes of a body or of a stream), and the dialect of both."""

    request: Mapping[str, Any]
    response: bytes
    dialect: Dialect
    route: str = ""  # the request's target; Gemini names its model nowhere else

    @cached_property
    def asked(self) -> Asked | None:
        """None where the request is not what the dialect expects."""
        return self.dialect.asked(self.route.encode(), orjson.dumps(self.request, default=str))

    @cached_property
    def answer(self) -> Answer:
        return read_answer(self.dialect, self.response)

    @property
    def user_text(self) -> str:
        """The last thing the user said."""
        return "" if self.asked is None else self.asked.user_text

    @cached_property
    def request_texts(self) -> tuple[str, ...]:
        """All words of the request but those of its tools: system prompt, documents, every turn."""
        return tuple(_strings({name: value for name, value in self.request.items() if name != "tools"}))

    @cached_property
    def max_output_tokens(self) -> int | None:
        """How long the request lets the answer be; None where it says nothing."""
        holders = (self.request, self.request.get("generationConfig"))
        found = [holder.get(name) for holder in holders if isinstance(holder, Mapping) for name in LIMITS]
        return next((limit for limit in found if isinstance(limit, int) and not isinstance(limit, bool)), None)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) <= TEXT_CHARACTERS and not value.startswith("data:"):
            yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(inner)
