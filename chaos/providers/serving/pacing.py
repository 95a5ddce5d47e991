"""How fast a simulated model speaks: time to the first token, and between tokens, as distributions."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from llmops.errors import BadInput

Z_95 = 1.6448536269514722  # the 95th percentile of the standard normal distribution


@dataclass(frozen=True)
class Timing:
    """The clock (epoch seconds) and the sleep of a server; tests pass their own."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True)
class Delay:
    """A log-normal delay by its median and 95th percentile; equal ones are a constant."""

    median_s: float = 0.0
    p95_s: float | None = None  # None: constant

    def __post_init__(self) -> None:
        if not 0 <= self.median_s < math.inf:
            raise BadInput(f"a median delay of {self.median_s} s cannot be", hint="0 or more seconds")
        if self.p95_s is not None and not (self.median_s <= self.p95_s < math.inf):
            raise BadInput(
                f"a delay cannot have its median at {self.median_s} s and its 95th percentile at {self.p95_s} s",
                hint="the percentile is at least the median",
            )
        if self.p95_s is not None and self.p95_s > self.median_s == 0:
            raise BadInput("a delay with a median of 0 has no 95th percentile above it", hint="give a median above 0")

    def draw_s(self, dice: Random) -> float:
        if self.p95_s is None or self.p95_s == self.median_s:
            return self.median_s
        return self.median_s * math.exp(dice.gauss(0, math.log(self.p95_s / self.median_s) / Z_95))


@dataclass(frozen=True)
class Pacing:
    """The speed of a model."""

    first_token: Delay = Delay()
    between_tokens: Delay = Delay()


class Pace:
    """The speed of one answer: waits for moments, not for spans, so that what the server does itself adds nothing."""

    def __init__(self, pacing: Pacing, dice: Random, timing: Timing) -> None:
        self._pacing, self._dice, self._timing = pacing, dice, timing
        self._due = timing.clock() + pacing.first_token.draw_s(dice)

    async def until_first(self) -> None:
        await self._until_due()

    async def until_next(self) -> None:
        self._due += self._pacing.between_tokens.draw_s(self._dice)
        await self._until_due()

    async def until_end(self, tokens: int) -> None:
        """The time of all tokens after the first, for an answer that is not streamed."""
        self._due += sum(self._pacing.between_tokens.draw_s(self._dice) for _ in range(max(0, tokens - 1)))
        await self._until_due()

    async def _until_due(self) -> None:
        left = self._due - self._timing.clock()
        if left > 0:
            await self._timing.sleep(left)
