"""Sums over the usage table: one pass each, integers only; money and prices are other people's work."""
# ruff: noqa: S608 - the SQL is put together from names in this file and from integers

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llmops.costmodel.usage.keys import DAY_S, INPUT_CLASSES, MODEL, WHOLE_INPUT, Grouping, group_columns, shown
from llmops.costmodel.usage.schema import PART_CLASSES, TOKEN_CLASSES, PriceEdges, RateKey, RateSum
from llmops.costmodel.usage.store import UsageLog

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Share:
    """A part of a whole, as integers, so that shares can be added up."""

    part: int
    whole: int


@dataclass(frozen=True)
class Shares:
    """What shares of the input was read from caches, and of the requests failed or was tried again."""

    cached_input_tokens: Share | None  # None when no source of the log tells of caches
    failed_requests: Share | None  # of the sources that tell of failures; None when none does
    retried_requests: Share | None  # attempts after the first, of those with a call_id; None when the log has no such


@dataclass(frozen=True)
class BucketDemand:
    """What was asked for in each clock-aligned bucket that is not empty, in the order of time."""

    bucket_s: int
    start_s: "NDArray[np.int64]"
    requests: "NDArray[np.int64]"
    input_tokens: "NDArray[np.int64]"  # whole: with all cache classes
    cache_read_tokens: "NDArray[np.int64]"  # part of input_tokens
    output_tokens: "NDArray[np.int64]"


@dataclass(frozen=True)
class ReportedCost:
    """What the log itself says was billed to one group of `by`."""

    group: tuple[str | None, ...]
    usd: Decimal | None  # None when no row says
    rows: int
    rows_with_cost: int


@dataclass(frozen=True)
class CostlyRow:
    """A row with all that its price depends on, and where to find it in the log."""

    source_id: int
    record: int
    ts_epoch_s: int | None
    key: RateKey
    tokens: Mapping[str, int]  # by TOKEN_CLASSES and PART_CLASSES; a part that is not reported is 0
    requests: int
    status: str
    cost_reported_usd: Decimal | None
    tenant: str | None
    feature: str | None
    user: str | None


def rate_sums(  # noqa: PLR0913 - what a bill can ask for
    log: UsageLog,
    *,
    by: Sequence[str] = (),
    edges: PriceEdges,
    since_s: int | None = None,
    until_s: int | None = None,
    use_day: bool = True,
) -> list[RateSum]:
    """Integer token sums by all that decides a rate, and by the groups of `by` (BY; UnknownName for another).

    `edges` are those of all models. Rows from since_s up to, not including, until_s; a row without a time is in no
    period. With use_day False the keys have no day and no second: the caller prices all rows at a date of its own.
    The tier of a bucketed row is that of its mean request.
    """
    grouping = Grouping(edges, by, use_day, log.constants)
    keys = grouping.columns()
    sums = ["count(*)", _requests(log), _successes(log), *_TOKEN_SUMS]
    query = f"select {', '.join([*keys, *sums])} from usage {_period(since_s, until_s)} {grouping.grouped()}"
    found: dict[tuple[RateKey, tuple[str | None, ...]], Sequence[int]] = {}
    for row in log.connection.execute(query).fetchall():
        place, numbers = grouping.key_and_group(row[: len(keys)]), row[len(keys) :]
        known = found.get(place)  # models that are served under several requested names
        found[place] = numbers if known is None else [a + b for a, b in zip(known, numbers, strict=True)]
    in_order = sorted(found.items(), key=str)  # the same log gives the same report, whatever its threads did
    return [_rate_sum(*place, numbers) for place, numbers in in_order if numbers[0]]


def _rate_sum(key: RateKey, group: tuple[str | None, ...], numbers: Sequence[int]) -> RateSum:
    rows, requests, successes, *tokens = numbers
    return RateSum(key, group, rows, requests, successes, dict(zip(_CLASSES, tokens, strict=True)))


_CLASSES = (*TOKEN_CLASSES, *PART_CLASSES)
_TOKEN_SUMS = tuple(f"coalesce(sum({name}), 0)::bigint" for name in _CLASSES)


def _requests(log: UsageLog) -> str:
    return "count(*)" if log.constants.get("requests") == 1 else "coalesce(sum(requests), 0)::bigint"


def _successes(log: UsageLog) -> str:
    if log.constants.get("status") == "success":
        return _requests(log)
    return "coalesce(sum(case when status = 'success' then requests else 0 end), 0)::bigint"


def models(log: UsageLog) -> list[tuple[str | None, str | None]]:
    """The distinct (provider, model) of the log, the one served where known."""
    raw = log.connection.execute("select distinct provider, model_served, model_requested from usage").fetchall()
    found = {(provider, served if served is not None else requested) for provider, served, requested in raw}
    return sorted(found, key=lambda pair: tuple((name is not None, name or "") for name in pair))


def time_span(log: UsageLog, *, since_s: int | None = None, until_s: int | None = None) -> tuple[int, int] | None:
    """The seconds of the first and the last row with a time in a period, or None when no row has one."""
    query = f"select min(ts_epoch_s), max(ts_epoch_s) from usage {_period(since_s, until_s)}"
    first, last = log.connection.execute(query).fetchall()[0]
    return None if first is None else (first, last)


def rows_without_time(log: UsageLog) -> int:
    """How many rows have no time: they are in no bucket and in no period."""
    (count,) = log.connection.execute("select count(*) from usage where ts_epoch_s is null").fetchall()[0]
    return int(count)


def bucket_demand(
    log: UsageLog, *, bucket_s: int, since_s: int | None = None, until_s: int | None = None
) -> BucketDemand:
    """Requests and tokens by clock-aligned buckets of `bucket_s` seconds, for rows with a time."""
    if bucket_s < 1:
        raise ValueError(f"a bucket of {bucket_s} s holds nothing")
    query = f"""
        select ts_epoch_s // {int(bucket_s)} * {int(bucket_s)} as start_s,
            sum(requests)::bigint as requests, sum({WHOLE_INPUT})::bigint as input_tokens,
            sum(cache_read_tokens)::bigint as cache_read_tokens, sum(output_total_tokens)::bigint as output_tokens
        from usage {_period(since_s, until_s, "ts_epoch_s is not null")} group by 1 order by 1"""
    return BucketDemand(bucket_s, **log.connection.execute(query).fetchnumpy())


def longest_request_tokens(log: UsageLog, *, since_s: int | None = None, until_s: int | None = None) -> int | None:
    """Input and output of the largest request of a period; None where a row stands for several, or there is none."""
    query = f"select max({WHOLE_INPUT} + output_total_tokens), max(requests) from usage {_period(since_s, until_s)}"
    tokens, requests = log.connection.execute(query).fetchall()[0]
    return None if tokens is None or requests != 1 else int(tokens)


def shares(log: UsageLog, *, since_s: int | None = None, until_s: int | None = None) -> Shares:
    """Cached, failed and retried shares of the rows in a period; what a log does not tell is None, never zero."""

    def of(part: str, whole: str, column: str) -> Share | None:
        told = log.telling(column) if log.sources else None
        if told == ():
            return None
        condition = () if told is None else (f"source_id in ({', '.join(map(str, told))})",)
        query = f"select coalesce({part}, 0)::bigint, coalesce({whole}, 0)::bigint from usage "
        return Share(*log.connection.execute(query + _period(since_s, until_s, *condition)).fetchall()[0])

    requests, with_id = "sum(requests)", "sum(case when call_id is not null then requests end)"
    calls = of(with_id, requests, "call_id")
    retried = Share(_retried(log, _period(since_s, until_s)), calls.part) if calls and calls.part else None
    return Shares(
        cached_input_tokens=of("sum(cache_read_tokens)", f"sum({WHOLE_INPUT})", "cache_read_tokens"),
        failed_requests=of("sum(case when status <> 'success' then requests end)", requests, "status"),
        retried_requests=retried,
    )


def _retried(log: UsageLog, period: str) -> int:
    """Attempts after the first one of each call; hashes first, for few calls are tried again."""
    hashes = f"select hash(call_id) as h from usage {period} group by 1 having count(*) > 1"
    query = f"""
        select coalesce(sum(more), 0)::bigint from (
            select sum(requests) - min(requests) as more from (select * from usage {period})
            where call_id is not null and hash(call_id) in ({hashes}) group by call_id)"""
    (count,) = log.connection.execute(query).fetchall()[0]
    return int(count)


def reported_cost(
    log: UsageLog, *, by: Sequence[str] = (), since_s: int | None = None, until_s: int | None = None
) -> list[ReportedCost]:
    """What the log says was billed, by the groups of `by` (BY), and how many rows say so. An empty log gives []."""
    columns = [*group_columns(by), "sum(cost_reported_usd)", "count(*)", "count(cost_reported_usd)"]
    grouping = f"group by {', '.join(str(place) for place in range(1, len(by) + 1))}" if by else ""
    query = f"select {', '.join(columns)} from usage {_period(since_s, until_s)} {grouping}"
    rows = log.connection.execute(query).fetchall()
    return [ReportedCost(shown(row[: len(by)], by), *row[len(by) :]) for row in rows if row[len(by) + 1]]


def costliest_rows(  # noqa: PLR0913 - what a bill can ask for
    log: UsageLog,
    count: int,
    *,
    edges: PriceEdges,
    since_s: int | None = None,
    until_s: int | None = None,
    use_day: bool = True,
) -> list[CostlyRow]:
    """For each model the `count` rows with the most tokens; output counts five times the input, cached input a tenth.

    These are the usual ratios of prices within one model, so the costliest rows are among them; the caller prices each.
    """
    period = _period(since_s, until_s)
    weight = f"({WHOLE_INPUT} * 10 - cache_read_tokens * 9 + output_total_tokens * 50)"
    query = f"""
        with rows as (select *, {MODEL} as model, {weight} as weight from usage {period}),
        least as (select provider, model, list_min(max(weight, {int(count)})) as least from rows group by 1, 2)
        select source_id, record, ts_epoch_s, rows.provider, rows.model, processing, service_tier, speed, requests,
            status, cost_reported_usd, tenant, feature, "user", {", ".join(_CLASSES)}
        from rows join least on rows.provider is not distinct from least.provider
            and rows.model is not distinct from least.model and weight >= least
        qualify row_number() over (partition by rows.provider, rows.model order by weight desc, source_id, record)
            <= {int(count)}"""
    return [_costly_row(row, edges, use_day=use_day) for row in log.connection.execute(query).fetchall()]


def _costly_row(row: Sequence[Any], edges: PriceEdges, *, use_day: bool) -> CostlyRow:
    source_id, record, time, provider, model, processing, tier, speed, requests, status, cost, *who = row[:14]
    tokens = {name: value or 0 for name, value in zip(_CLASSES, row[14:], strict=True)}
    whole_input = sum(tokens[name] for name in INPUT_CLASSES)
    has_time = use_day and time is not None
    key = RateKey(
        provider=provider,
        model=model,
        day=time // DAY_S if has_time else None,
        processing=processing,
        service_tier=tier,
        speed=speed,
        input_above=max((edge for edge in edges.input_tokens if whole_input > edge * requests), default=0),
        second_from=max((edge for edge in edges.second_of_day if has_time and time % DAY_S >= edge), default=0),
    )
    tenant, feature, user = who
    return CostlyRow(source_id, record, time, key, tokens, requests, status, cost, tenant, feature, user)


def _period(since_s: int | None, until_s: int | None, *conditions: str) -> str:
    tests = list(conditions)
    if since_s is not None:
        tests.append(f"ts_epoch_s >= {int(since_s)}")
    if until_s is not None:
        tests.append(f"ts_epoch_s < {int(until_s)}")
    return f"where {' and '.join(tests)}" if tests else ""
