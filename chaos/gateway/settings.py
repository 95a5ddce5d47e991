"""How the simulated gateway behaves."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from llmops.chaos.proxy.keys import url_without_keys
from llmops.errors import BadInput, nearest_hint

ILLS: Mapping[str, str] = {
    "launders": "what is cut, empty or no answer at all is passed on as a whole one",
    "masks_errors": "when all providers fail, the error is told in the text of a success",
    "masks_model": "the caller is told the model that was asked for, whoever answered",
    "multiplies_retries": "every retry is retried as often again",
    "ignores_retry_after": "a provider is asked again before the time it told",
    "retries_everything": "errors that no retry will mend are retried",
    "falls_back_always": "a request that is itself wrong goes on to the next provider",
    "never_falls_back": "only the first provider is ever asked",
    "ignores_timeout": "a provider that says nothing is waited for",
    "never_closes": "a breaker that has opened stays open",
}
"""Ways of behaving badly, and what each does."""


@dataclass(frozen=True)
class Upstream:
    """A provider behind the gateway."""

    base_url: str
    model: str | None = None  # asked for instead of the caller's

    @classmethod
    def of(cls, text: str) -> "Upstream":
        """From `URL` or `URL=MODEL`. BadInput."""
        url, named, model = text.partition("=")
        if not url.startswith(("http://", "https://")) or bool(named) is not bool(model.strip()):
            raise BadInput(
                f"{url_without_keys(text)!r} is no URL or URL=MODEL",
                hint="such as http://127.0.0.1:9001/v1=gpt-4o-mini",
            )
        return cls(url.rstrip("/"), model or None)


@dataclass(frozen=True)
class Settings:
    """Providers in the order in which they are asked, and what is done when they fail."""

    upstreams: tuple[Upstream, ...]
    retries: int = 1  # at each provider, besides the first attempt
    timeout_s: float = 3.0  # of silence: to connect, before the head, between two pieces
    attempt_limit_s: float = 0.0  # of one attempt as a whole: slow, but alive, is too slow; 0: no limit
    patience_s: float = 1.0  # the longest Retry-After that is waited for; with a longer one the next is asked
    backoff_s: float = 0.05  # before the first retry; doubles
    breaker_failures: int = 5  # in a row, before the breaker opens
    cooldown_s: float = 0.0  # how long it stays open; 0: there is none
    ills: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.upstreams:
            raise BadInput("a gateway without a provider", hint="give --upstream URL")
        for name in sorted(self.ills - ILLS.keys()):
            raise BadInput(f"no gateway is ill by {name!r}", hint=nearest_hint(name, ILLS))
        if self.retries < 0 or self.breaker_failures < 1:
            raise BadInput("fewer than no retries or failures", hint="0 retries and 1 failure are the least")
        if not 0 < self.timeout_s < math.inf:
            raise BadInput(f"a timeout of {self.timeout_s:g} s is none", hint="seconds above 0")
        for what, limit_s in (("an attempt limit", self.attempt_limit_s), ("a cooldown", self.cooldown_s)):
            if not 0 <= limit_s < math.inf:
                raise BadInput(f"{what} of {limit_s:g} s is none", hint="seconds above 0, or 0 for none")

    def is_ill(self, name: str) -> bool:
        """Whether it behaves badly in this way."""
        return name in self.ills

    @property
    def attempts(self) -> int:
        """At one provider, at most."""
        once = 1 + self.retries
        return once * once if self.is_ill("multiplies_retries") else once
