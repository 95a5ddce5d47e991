"""From the usage table and the price book to the facts of a bill."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from llmops.costmodel.bill.bill import Group, Reported, Totals, bill_of, totals_of
from llmops.costmodel.bill.report import BillFacts, Busiest, DearCall, Share
from llmops.costmodel.prices.tokens import priced
from llmops.costmodel.usage import sql
from llmops.costmodel.usage.schema import RateSum
from llmops.errors import NoData
from llmops.report import Column, Finding, Table

if TYPE_CHECKING:
    from llmops.costmodel.prices.book import PriceBook
    from llmops.costmodel.usage.store import UsageLog


@dataclass(frozen=True)
class Period:
    """From one epoch second up to, and without, another; None is an open end."""

    since_s: int | None = None
    until_s: int | None = None
    name: str = ""

    @property
    def length_s(self) -> int | None:
        """Seconds; None where an end is open."""
        return None if self.since_s is None or self.until_s is None else self.until_s - self.since_s

    def overlaps(self, other: "Period") -> bool:
        """Whether two closed periods share a second."""
        ends = (self.since_s, self.until_s, other.since_s, other.until_s)
        return None not in ends and max(ends[0] or 0, ends[2] or 0) < min(ends[1] or 0, ends[3] or 0)

    @property
    def is_open(self) -> bool:
        return self.since_s is None and self.until_s is None


def compute_bill(  # noqa: PLR0913 - what the command can ask for
    log: "UsageLog",
    book: "PriceBook",
    *,
    by: Sequence[str],
    on: date | None,
    period: Period,
    other: Period | None,
    bucket_s: int,
    top: int,
) -> BillFacts:
    """All facts of the bill. NoData when no call falls into the period."""
    edges = book.edges(sql.models(log))
    sums = sql.rate_sums(log, by=by, edges=edges, since_s=period.since_s, until_s=period.until_s, use_day=on is None)
    if not sums:
        raise NoData("no call of the log falls into that period", hint=_span_hint(log))
    bill = bill_of(priced(sums, book, on), by, _reported(log, by, period))
    span = sql.time_span(log, since_s=period.since_s, until_s=period.until_s)
    return BillFacts(
        bill=bill,
        catalogue=book.version,
        price_date=on,
        shares=_shares(log, period, bill.whole),
        busiest=_busiest(log, period, bucket_s),
        first_s=span[0] if span else None,
        last_s=span[1] if span else None,
        dearest=_dearest(log, book, period, on, top),
        other=None if other is None else (other.name, _totals(log, book, on, other)),
        findings=[*_findings(log, period), *_unlike(period, other)],
        intake=intake_table(log),
        cut_answers=sum(log.at_least_by_reason.values()),
    )


def intake_table(log: "UsageLog") -> Table:
    """What became of each row of each file: rows = read + set aside + rejected."""
    columns = [
        Column("source", "log"),
        Column("log_format", "format"),
        *(Column(name, title, "tokens") for name, title in _ROW_COUNTS.items()),
    ]
    rows = [
        (source.name, source.log_format, source.rows_in_file, source.rows_read,
         sum(source.set_aside.values()), sum(source.rejected.values()))
        for source in log.sources
    ]  # fmt: skip
    return Table("intake", "Rows of the logs", columns, rows)


_ROW_COUNTS = {"rows_in_file": "rows", "rows_read": "read", "set_aside": "set aside", "rejected": "rejected"}


def intake_findings(log: "UsageLog") -> list[Finding]:
    """Why rows were set aside or rejected, or are counted for less than they were, by file."""
    found: list[Finding] = []
    for source in log.sources:
        found += [
            Finding("info", f"{source.name}: {count:,} rows set aside: {reason}.")
            for reason, count in source.set_aside.items()
        ]
        found += [
            Finding("warn", f"{source.name}: {count:,} rows rejected: {reason}.", "--rejects FILE shows them")
            for reason, count in source.rejected.items()
        ]
        found += [
            Finding("warn", f"{source.name}: {count:,} answers: {why}.") for why, count in source.at_least.items()
        ]
    return found


def _findings(log: "UsageLog", period: Period) -> list[Finding]:
    without = sql.rows_without_time(log)
    found = intake_findings(log)
    if not period.is_open:
        found.append(Finding("info", "only the calls of a period are counted, from --since on and before --until."))
    if without and not period.is_open:
        found.append(Finding("warn", f"{without:,} rows have no time and are left out of the period."))
    return found


def _unlike(period: Period, other: Period | None) -> list[Finding]:
    """A warning where two periods are compared that are not of one length, or overlap."""
    if other is None:
        return []
    if period.length_s is None or period.length_s != other.length_s:
        text = "the two periods are not of the same length, so that only the figures per 1,000 requests compare."
        return [Finding("warn", text, "give --since and --until a period as long as --versus")]
    if period.overlaps(other):
        return [Finding("warn", "the two periods overlap: calls in both count on both sides.")]
    return []


def _totals(log: "UsageLog", book: "PriceBook", on: date | None, period: Period) -> Totals:
    edges = book.edges(sql.models(log))
    sums = sql.rate_sums(log, edges=edges, since_s=period.since_s, until_s=period.until_s, use_day=on is None)
    if not sums:
        raise NoData(f"no call of the log falls into the period {period.name}", hint=_span_hint(log))
    reported = _reported(log, (), period)
    return totals_of(priced(sums, book, on), reported.get(()))


def _span_hint(log: "UsageLog") -> str:
    span = sql.time_span(log)
    if span is None:
        return "its rows have no times"
    from datetime import UTC, datetime

    first, last = (datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%d %H:%M:%S") for end in span)
    return f"it runs from {first} to {last} UTC"


def _reported(log: "UsageLog", by: Sequence[str], period: Period) -> dict[Group, Reported]:
    costs = sql.reported_cost(log, by=by, since_s=period.since_s, until_s=period.until_s)
    return {cost.group: Reported(cost.usd, cost.rows_with_cost) for cost in costs if cost.usd is not None}


def _shares(log: "UsageLog", period: Period, whole: Totals) -> list[Share]:
    found = sql.shares(log, since_s=period.since_s, until_s=period.until_s)
    unpriced = sql.Share(whole.unpriced_tokens + whole.apart_tokens, whole.all_tokens)
    return [
        _share("cached_input_ratio", "input tokens read from the cache", found.cached_input_tokens),
        _share("failed_requests_ratio", "failed requests", found.failed_requests),
        _share("retried_requests_ratio", "requests tried again", found.retried_requests),
        _share("unpriced_tokens_ratio", "tokens without a price", unpriced),
    ]


def _share(name: str, what: str, found: sql.Share | None) -> Share:
    """What the log does not tell stays unknown."""
    return Share(name, what, None, None) if found is None else Share(name, what, found.part, found.whole)


def _busiest(log: "UsageLog", period: Period, bucket_s: int) -> Busiest | None:
    demand = sql.bucket_demand(log, bucket_s=bucket_s, since_s=period.since_s, until_s=period.until_s)
    if demand.start_s.size == 0:
        return None
    at = int(demand.requests.argmax())
    buckets = int(demand.start_s[-1] - demand.start_s[0]) // bucket_s + 1
    return Busiest(bucket_s, int(demand.start_s[at]), int(demand.requests[at]), buckets, int(demand.requests.sum()))


def _dearest(log: "UsageLog", book: "PriceBook", period: Period, on: date | None, top: int) -> list[DearCall]:
    """The most expensive calls, each priced alone."""
    if top == 0:
        return []
    rows = sql.costliest_rows(
        log, top, edges=book.edges(sql.models(log)), since_s=period.since_s, until_s=period.until_s, use_day=on is None
    )
    sums = [RateSum(row.key, (), 1, row.requests, row.requests, dict(row.tokens)) for row in rows]
    calls = [DearCall(row.ts_epoch_s, one) for row, one in zip(rows, priced(sums, book, on), strict=True)]
    dear = [call for call in calls if call.priced.net_usd is not None]
    return sorted(dear, key=lambda call: call.priced.net_usd or 0, reverse=True)[:top]
