"""Retries, fallback and breakers of the simulated gateway, without sockets: it is told how to ask and how to wait."""

import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from llmops.chaos.gateway.breaker import Breaker
from llmops.chaos.gateway.reply import Fate, Reply, fate_of
from llmops.chaos.gateway.settings import Settings, Upstream
from llmops.chaos.wire.dialect import Dialect

BACKOFF_LIMIT_S = 2.0


@dataclass(frozen=True)
class Question:
    """What a caller asks."""

    path: str
    body: bytes
    dialect: Dialect
    model: str | None
    stream: bool
    headers: Mapping[str, str] = field(default_factory=dict)  # that go with it to the provider


Ask = Callable[[Upstream, Question], Awaitable[Reply]]


class Router:
    """Asks providers in their order until one gives a good answer."""

    def __init__(
        self,
        settings: Settings,
        ask: Ask,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._settings, self._ask, self._sleep = settings, ask, sleep
        cooldown_s = settings.cooldown_s
        if settings.is_ill("never_closes") and cooldown_s:
            cooldown_s = float("inf")
        self.breakers = [Breaker(settings.breaker_failures, cooldown_s, clock) for _ in settings.upstreams]

    async def answer(self, question: Question) -> tuple[Reply, Fate]:
        """The first good reply, or the caller's own error; else the last failure. A closed door alone is no reply."""
        last: tuple[Reply, Fate] = (Reply(), "retry")
        upstreams = self._settings.upstreams
        for upstream, breaker in list(zip(upstreams, self.breakers, strict=True))[: self._reach]:
            if not breaker.allows():
                continue
            last = await self._at(upstream, breaker, question)
            if self._is_over(last[1]):
                break
        return last

    @property
    def _reach(self) -> int | None:
        return 1 if self._settings.is_ill("never_falls_back") else None

    def _is_over(self, fate: Fate) -> bool:
        return fate == "good" or (fate == "caller" and not self._settings.is_ill("falls_back_always"))

    async def _at(self, upstream: Upstream, breaker: Breaker, question: Question) -> tuple[Reply, Fate]:
        """All attempts at one provider."""
        for attempt in itertools.count(1):
            reply, fate = await self._attempt(upstream, breaker, question)
            if attempt >= self._settings.attempts or not self._is_retried(fate):
                break
            wait_s = self._wait_s(reply, attempt)
            if wait_s is None:
                break
            await self._sleep(wait_s)
        return reply, fate

    async def _attempt(self, upstream: Upstream, breaker: Breaker, question: Question) -> tuple[Reply, Fate]:
        known = False
        try:
            reply = await self._ask(upstream, question)
            known = True
        finally:
            if not known:
                breaker.cancelled()
        fate = fate_of(reply, question.dialect, upstream.model or question.model)
        if fate in {"retry", "next"}:
            breaker.failed()
        else:
            breaker.succeeded()
        if self._settings.is_ill("launders") and reply.status == 200:  # noqa: PLR2004 - whatever is in it
            return reply, "good"
        return reply, fate

    def _is_retried(self, fate: Fate) -> bool:
        return fate == "retry" or (fate != "good" and self._settings.is_ill("retries_everything"))

    def _wait_s(self, reply: Reply, attempt: int) -> float | None:
        """How long before the next attempt; None: the provider asks for more patience than there is."""
        backoff_s: float = min(self._settings.backoff_s * 2 ** (attempt - 1), BACKOFF_LIMIT_S)
        asked_s = reply.retry_after_s
        if asked_s is None or self._settings.is_ill("ignores_retry_after"):
            return backoff_s
        return max(asked_s, backoff_s) if asked_s <= self._settings.patience_s else None
