"""What the log asks of a system over time, and what that makes a month."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from llmops.costmodel.capacity.load import BucketLoad, peak_utilisation
from llmops.costmodel.usage import sql
from llmops.errors import BadInput, NoData

if TYPE_CHECKING:
    from llmops.costmodel.usage.store import UsageLog

SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 86_400
MTOK = Decimal(1_000_000)
MAX_BUCKETS = 50_000_000  # 1.6 years of seconds; more would not fit the memory of a laptop


@dataclass(frozen=True, eq=False)
class Demand:
    """The calls of a log in clock-aligned buckets, first to last, idle ones included."""

    bucket_s: int
    first_s: int
    last_s: int
    requests: NDArray[np.int64]
    input_tokens: NDArray[np.int64]  # cached ones are part of it
    output_tokens: NDArray[np.int64]
    hours_per_month: Decimal

    @property
    def span_s(self) -> int:
        """Seconds from the first call to the last, both included."""
        return self.last_s - self.first_s + 1

    @property
    def span_days(self) -> float:
        return self.span_s / SECONDS_PER_DAY

    @property
    def days_with_calls(self) -> int:
        """Calendar days, UTC, on which anything was asked."""
        starts = self.first_s // self.bucket_s * self.bucket_s + np.flatnonzero(self.requests) * self.bucket_s
        return int(np.unique(starts // SECONDS_PER_DAY).size)

    @property
    def clock_days(self) -> float:
        """Days that the log covers, counted in whole clock hours: a week of hourly calls is a week."""
        return (self.last_s // SECONDS_PER_HOUR - self.first_s // SECONDS_PER_HOUR + 1) / 24

    @property
    def month_scale(self) -> Decimal:
        """How many times the log goes into a month."""
        return self.hours_per_month * SECONDS_PER_HOUR / self.span_s

    @property
    def mtok_per_month(self) -> Decimal:
        """Millions of tokens a month, input and output."""
        return (self._sum(self.input_tokens) + self._sum(self.output_tokens)) * self.month_scale / MTOK

    @property
    def output_tokens_per_month(self) -> Decimal:
        return self._sum(self.output_tokens) * self.month_scale

    @cached_property
    def load(self) -> BucketLoad:
        """Rates a second in each bucket; the first and the last bucket count as whole ones."""
        rates = (counts / self.bucket_s for counts in (self.requests, self.input_tokens, self.output_tokens))
        return BucketLoad(self.bucket_s, *rates)

    @property
    def peak_utilisation(self) -> float:
        """Mean over peak of the requests (0..1)."""
        return peak_utilisation(self.requests)

    @property
    def peak_requests_per_second(self) -> float:
        return float(np.max(self.requests)) / self.bucket_s

    def _sum(self, counts: NDArray[np.int64]) -> Decimal:
        return Decimal(int(np.sum(counts)))


def demand_of(
    log: "UsageLog", *, bucket_s: int, hours_per_month: Decimal, since_s: int | None = None, until_s: int | None = None
) -> Demand:
    """The demand of a period of the log. NoData without times; BadInput for buckets too fine for its span."""
    found = sql.bucket_demand(log, bucket_s=bucket_s, since_s=since_s, until_s=until_s)
    span = sql.time_span(log, since_s=since_s, until_s=until_s)
    if span is None or found.start_s.size == 0:
        raise NoData(
            "no call of the log has a time, so it says nothing of the demand",
            hint="check the period, or the mapping of the time",
        )
    count = int(found.start_s[-1] - found.start_s[0]) // bucket_s + 1
    if count > MAX_BUCKETS:
        raise BadInput(
            f"{count:,} buckets of {bucket_s} s are too many",
            hint="give a larger --bucket, or check the times of the log",
        )
    at = (found.start_s - found.start_s[0]) // bucket_s
    counts_of = (found.requests, found.input_tokens, found.output_tokens)
    buckets = [_all_buckets(at, counts, count) for counts in counts_of]
    return Demand(bucket_s, span[0], span[1], buckets[0], buckets[1], buckets[2], hours_per_month)


def _all_buckets(at: NDArray[np.int64], counts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    whole = np.zeros(size, dtype=np.int64)
    whole[at] = counts
    return whole
