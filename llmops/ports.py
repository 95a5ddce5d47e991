"""What crosses the rooms: callables and plain data that a `cli/` file builds in one room and hands to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol


class PriceOf(Protocol):
    """What one call costs in USD at catalogue prices; None where no price is known, which is never zero."""

    def __call__(  # noqa: PLR0913 - each is given by name
        self,
        *,
        provider: str,
        model: str,
        at: datetime,
        input_uncached_tokens: int,
        cache_read_tokens: int,
        cache_write_tokens: int,
        output_tokens: int,
    ) -> Decimal | None: ...


@dataclass(frozen=True)
class Arrivals:
    """The requests of a log in the order of time, as columns of one length."""

    at_s: Sequence[float]  # epoch seconds
    models: Sequence[str | None]
    tenants: Sequence[str | None]
    input_tokens: Sequence[int]  # whole, with all cache classes
    output_tokens: Sequence[int]
    set_aside: Mapping[str, int] = field(default_factory=dict)  # rows that cannot be replayed, by reason


@dataclass(frozen=True)
class TimedCalls:
    """Calls with their times as columns of one length, in any order.

    Unknown is None in a label and NaN in a number. A column that nobody measured is empty.
    """

    models: Sequence[str | None]
    routes: Sequence[str | None]  # the way to a model: a provider, or a path
    tenants: Sequence[str | None]
    succeeded: Sequence[bool]
    ttft_s: Sequence[float]  # to the first visible token, from the send
    e2e_s: Sequence[float]  # to the end, from the send
    visible_tokens: Sequence[float]  # of the output, without those of reasoning
    scheduled_ttft_s: Sequence[float] = ()  # from when the call was due
    scheduled_latency_s: Sequence[float] = ()
    gaps_s: Sequence[Sequence[float]] = ()  # between the pieces of each answer
    unstreamed: int = 0  # of the calls, whose first token was logged at their end: their TTFT is unknown
    unjudged: int = 0  # of the calls, whose log does not tell failures: they are taken for successes
    set_aside: Mapping[str, int] = field(default_factory=dict)  # rows that are no timed call, by reason

    def __len__(self) -> int:
        return len(self.succeeded)


class ReadTimedCalls(Protocol):
    """The timed calls of usage logs in any known formats, each call once. BadInput, NoData."""

    def __call__(self, logs: Sequence[str], /) -> TimedCalls: ...
