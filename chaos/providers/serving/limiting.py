"""The rate limits of a simulated provider: one limiter a key, charged as the provider documents it."""

from collections.abc import Callable
from dataclasses import dataclass

from llmops.chaos.providers.answering.ask import Ask
from llmops.chaos.providers.answering.reply import input_tokens
from llmops.errors import BadInput
from llmops.limits import Admission, Quota, RateLimiter, charged_tokens


@dataclass(frozen=True)
class Limits:
    """Limits of each key; None is no limit, and no header."""

    requests_per_minute: int | None = 30_000  # OpenAI's highest tier for small models, so that runs seldom meet it
    tokens_per_minute: int | None = 150_000_000
    requests_per_day: int | None = None

    def __post_init__(self) -> None:
        for name in ("requests_per_minute", "tokens_per_minute", "requests_per_day"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BadInput(f"{name} of {value} lets nobody in", hint="1 or more, or leave it out")


class KeyLimiters:
    """The limiter of each key, made when the key is first seen."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits, self._clock = limits, clock
        self._by_key: dict[str, RateLimiter] = {}

    def admit(self, key: str, tokens: int) -> Admission:
        return self.of(key).admit(tokens)

    def of(self, key: str) -> RateLimiter:
        if key not in self._by_key:
            day = self._limits.requests_per_day
            self._by_key[key] = RateLimiter(
                self._clock,
                requests_per_minute=self._limits.requests_per_minute,
                tokens_per_minute=self._limits.tokens_per_minute,
                quota=None if day is None else Quota(day, "day", self._clock),
            )
        return self._by_key[key]


def admission_tokens(provider: str, ask: Ask) -> int:
    """What a request is charged when it comes.

    OpenAI reserves what may be generated as well; Anthropic's input limit and Gemini's count the input alone
    (reliability.md 2.2).
    """
    spent = input_tokens(ask)
    return charged_tokens(spent, ask.max_tokens or 0) if provider == "openai" else spent
