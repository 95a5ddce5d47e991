"""The usage table: one row a call, whatever gateway logged it, and the sums that prices and demand are made from."""

from dataclasses import dataclass

TOKEN_CLASSES = (
    "input_uncached_tokens",  # fresh input; never includes a cache class
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_write_other_tokens",  # written with another or an unknown lifetime
    "output_total_tokens",
)
"""Disjoint: a call's billed tokens are the sum of these, each counted once."""

PART_CLASSES = (
    "output_reasoning_tokens",  # part of output_total_tokens, never on top of it
    "input_audio_tokens",  # part of input_uncached_tokens
    "output_audio_tokens",  # part of output_total_tokens
)

COLUMNS = {
    "ts_utc": "TIMESTAMP",  # start of the call, UTC, microseconds; NULL where the log has no time
    "ts_epoch_s": "BIGINT",  # the same, whole seconds
    "provider": "VARCHAR",
    "model_requested": "VARCHAR",
    "model_served": "VARCHAR",  # the one that is priced, where known
    **dict.fromkeys(TOKEN_CLASSES, "BIGINT"),  # never NULL
    **dict.fromkeys(PART_CLASSES, "BIGINT"),  # NULL where the log does not say
    "requests": "BIGINT",  # 1, or n for a bucketed source
    "processing": "VARCHAR",  # standard or batch
    "service_tier": "VARCHAR",
    "speed": "VARCHAR",
    "geo": "VARCHAR",
    "status": "VARCHAR",  # success, or the class of the error
    "latency_s": "DOUBLE",
    "ttft_s": "DOUBLE",
    "cost_reported_usd": "DECIMAL(38, 18)",  # what the log says was billed; never used for modelling
    "tenant": "VARCHAR",  # team, project or key
    "feature": "VARCHAR",  # app, tag or feature
    "user": "VARCHAR",  # end user
    "call_id": "VARCHAR",  # shared by the attempts (retries, fallbacks) of one user call, where the log says so
    "source_id": "INTEGER",  # which of the files read
    "record": "BIGINT",  # which record of that file, from 1
    "dedupe_key": "VARCHAR",  # what makes the row unique; NULL where the format has no such thing
}


@dataclass(frozen=True)
class PriceEdges:
    """Where rates can change within one model and day; the aggregate groups by the piece a row falls in."""

    input_tokens: tuple[int, ...] = ()  # a tier applies to inputs strictly above its start
    second_of_day: tuple[int, ...] = ()  # UTC, where a time-of-day price starts or ends


@dataclass(frozen=True)
class RateKey:
    """All that decides the rate of a row. `None` where the log does not say."""

    provider: str | None
    model: str | None
    day: int | None  # days since 1970-01-01, UTC
    processing: str
    service_tier: str | None
    speed: str | None
    input_above: int  # the greatest edge strictly below the row's whole input, cache included; 0 when below all
    second_from: int  # the greatest clock edge at or before the row's time of day; 0 when before all


@dataclass(frozen=True)
class RateSum:
    """What the rows of one rate key (and one group of `--by`) add up to. All token counts are integers."""

    key: RateKey
    group: tuple[str | None, ...]  # the values of the `by` columns, in their order
    rows: int
    requests: int
    successes: int  # of the requests
    tokens: dict[str, int]  # by TOKEN_CLASSES and PART_CLASSES; a part nobody reported is 0
