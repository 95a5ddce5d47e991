"""Real limits before a real provider: good answers tell what remains, and who has used it up gets a 429."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson

from llmops import limits
from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads
from llmops.chaos.http_answers import provider_error
from llmops.chaos.limit_headers import limit_headers, limit_refusal
from llmops.chaos.wire.http1 import changed_head, with_header
from llmops.chaos.wire.parts import Action, AnswerHead, Part
from llmops.errors import BadInput

LIMITS = ("requests_per_minute", "tokens_per_minute", "requests_per_day")
BYTES_PER_TOKEN = 4  # OpenAI estimates by the count of characters too (reliability.md 2.2)
KEY_HEADERS = {b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"}
MOST_OUTPUT = ("max_tokens", "max_completion_tokens", "max_output_tokens")


@dataclass
class Buckets:
    """The state of one injection: a limiter a key, or one for all."""

    clock: Callable[[], float]
    of_key: dict[str, limits.RateLimiter] = field(default_factory=dict)


@dataclass(frozen=True)
class RateLimiter:
    """Token buckets with continuous refill, and a quota of the day.

    A request is charged its bytes / 4, and with OpenAI's and Azure's rule also the output that it may ask for.
    """

    family: ClassVar[Family] = "http"
    reads: ClassVar[Reads] = "pieces"
    example: ClassVar[Mapping[str, object]] = {"requests_per_minute": 60, "tokens_per_minute": 30_000}

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    requests_per_day: int | None = None  # UTC; used up it is the provider's quota error
    per_key: bool = True  # each key has its own; else all share one

    def __post_init__(self) -> None:
        given = {name: value for name in LIMITS if (value := getattr(self, name)) is not None}
        if not given:
            raise BadInput("rate_limiter: no limit is given", hint=f"give one or more of {', '.join(LIMITS)}")
        for name, value in given.items():
            at_least(1, **{name: value})

    def state(self, clock: Callable[[], float]) -> Buckets:
        return Buckets(clock)

    def answer(self, context: FaultContext) -> Iterable[Part | Action] | None:
        tokens = _charge(context)
        admission = self._limiter(context).admit(tokens)
        if admission.admitted:
            return None
        provider = _provider(context)
        kind, details = limit_refusal(provider, admission, tokens)
        headers = limit_headers(provider, admission, context.clock())
        return provider_error(context, kind, headers={**headers, **_waiting(details, provider, kind)}, **details)

    def stage(self, context: FaultContext) -> "Told":
        headers = limit_headers(_provider(context), self._limiter(context).standing(), context.clock())
        return Told(context, headers)

    def _limiter(self, context: FaultContext) -> limits.RateLimiter:
        buckets: Buckets = context.state
        key = _key(context) if self.per_key else ""
        if key not in buckets.of_key:
            day = self.requests_per_day
            buckets.of_key[key] = limits.RateLimiter(
                buckets.clock,
                requests_per_minute=self.requests_per_minute,
                tokens_per_minute=self.tokens_per_minute,
                quota=None if day is None else limits.Quota(day, "day", buckets.clock),
            )
        return buckets.of_key[key]


@dataclass(frozen=True)
class Told:
    """Sets the headers of a good answer; nothing else changes."""

    context: FaultContext
    headers: Mapping[str, str]

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if isinstance(part, AnswerHead):
            if not self.headers:
                self.context.not_applied("this provider tells no limits on good answers; the request was counted")
                yield part
                return
            self.context.note("told what remains", **self.headers)
            yield self._told(part)
        else:
            yield part

    def _told(self, head: AnswerHead) -> AnswerHead:
        told = head.headers
        for name, value in self.headers.items():
            told = with_header(told, name.encode(), value.encode())
        return changed_head(head, headers=told)


def _charge(context: FaultContext) -> int:
    """What the request is charged in tokens; a body that cannot be read is charged its bytes alone."""
    spent = -(-len(context.request.body) // BYTES_PER_TOKEN)
    if _provider(context) not in {"openai", "azure"}:
        return spent
    try:
        body: Any = orjson.loads(context.request.body)
    except orjson.JSONDecodeError:
        return spent
    wanted = [body.get(name) for name in MOST_OUTPUT] if isinstance(body, dict) else []
    return limits.charged_tokens(spent, next((most for most in wanted if isinstance(most, int) and most > 0), 0))


def _provider(context: FaultContext) -> str:
    """Whose headers are told; those of OpenAI, which most servers have copied, where nobody knows the route."""
    return context.request.provider or "openai"


def _waiting(details: Mapping[str, object], provider: str, kind: str) -> dict[str, str | None]:
    """The header that says when to come again: none where waiting does not help, or where the body says it."""
    wait = details["retry_after_s"]
    helps = wait is not None and kind.startswith("rate_limit") and provider != "gemini"
    return {"retry-after": str(wait) if helps else None, "retry-after-ms": None}


def _key(context: FaultContext) -> str:
    """Names the key of a request without keeping it."""
    secrets = (value for name, value in context.request.head.headers if name.lower() in KEY_HEADERS)
    return hashlib.sha256(b"\0".join(secrets)).hexdigest()
