"""Sums over a table that each test writes itself."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmops.costmodel.usage import sql
from llmops.costmodel.usage.schema import COLUMNS, TOKEN_CLASSES, PriceEdges
from llmops.costmodel.usage.sql import Share
from llmops.costmodel.usage.store import UsageLog
from llmops.errors import UnknownName

DAY = 20454  # 2026-01-01
NOON = DAY * 86_400 + 43_200
Table = Callable[..., UsageLog]


def table_of(rows: list[dict[str, Any]]) -> UsageLog:
    import duckdb

    connection = duckdb.connect()
    connection.execute(
        f"create table usage ({', '.join(f'{chr(34)}{name}{chr(34)} {kind}' for name, kind in COLUMNS.items())})"
    )
    blank = {
        **dict.fromkeys(TOKEN_CLASSES, 0),
        "requests": 1,
        "processing": "standard",
        "status": "success",
        "source_id": 0,
    }
    for number, row in enumerate(rows, 1):
        full = {**blank, "record": number, **row}
        names = ", ".join(f'"{name}"' for name in full)
        connection.execute(f"insert into usage ({names}) values ({', '.join('?' * len(full))})", list(full.values()))  # noqa: S608 - our own names
    return UsageLog(connection)


@pytest.fixture
def table() -> Iterator[Table]:
    made: list[UsageLog] = []

    def make(*rows: dict[str, Any]) -> UsageLog:
        made.append(table_of(list(rows)))
        return made[-1]

    yield make
    for log in made:
        log.close()


def test_a_tier_starts_strictly_above_its_edge_and_counts_the_cache(table: Table) -> None:
    log = table(
        {"input_uncached_tokens": 150_000, "cache_read_tokens": 50_000},
        {"input_uncached_tokens": 150_000, "cache_read_tokens": 50_000, "cache_write_1h_tokens": 1},
        {"input_uncached_tokens": 300_000},
    )
    sums = sql.rate_sums(log, edges=PriceEdges(input_tokens=(272_000, 200_000)))
    assert sorted((one.key.input_above, one.rows) for one in sums) == [(0, 1), (200_000, 1), (272_000, 1)]


def test_a_bucket_has_the_tier_of_its_mean_request(table: Table) -> None:
    log = table({"input_uncached_tokens": 600_000, "requests": 3}, {"input_uncached_tokens": 600_001, "requests": 3})
    sums = sql.rate_sums(log, edges=PriceEdges(input_tokens=(200_000,)))
    assert sorted((one.key.input_above, one.tokens["input_uncached_tokens"]) for one in sums) == [
        (0, 600_000),
        (200_000, 600_001),
    ]


def test_a_time_of_day_starts_at_its_edge(table: Table) -> None:
    midnight = DAY * 86_400
    log = table({"ts_epoch_s": midnight + 3599}, {"ts_epoch_s": midnight + 3600}, {"ts_epoch_s": None})
    edges = PriceEdges(second_of_day=(3600, 7200))
    keys = {(one.key.day, one.key.second_from) for one in sql.rate_sums(log, edges=edges)}
    assert keys == {(DAY, 0), (DAY, 3600), (None, 0)}
    assert {(one.key.day, one.key.second_from) for one in sql.rate_sums(log, edges=edges, use_day=False)} == {(None, 0)}


def test_the_served_model_is_the_one_that_is_priced(table: Table) -> None:
    log = table(
        {"provider": "openai", "model_requested": "fast", "model_served": "gpt-5", "output_total_tokens": 1},
        {"provider": "openai", "model_requested": "smart", "model_served": "gpt-5", "output_total_tokens": 2},
        {"provider": "openai", "model_requested": "gpt-5", "output_total_tokens": 4},
        {"provider": None},
    )
    first, second = sorted(sql.rate_sums(log, edges=PriceEdges()), key=lambda one: one.rows)
    assert (first.key.model, first.rows) == (None, 1)
    assert (second.key.model, second.rows, second.tokens["output_total_tokens"]) == ("gpt-5", 3, 7)
    assert sql.models(log) == [(None, None), ("openai", "gpt-5")]


def test_rates_depend_on_processing_tier_and_speed(table: Table) -> None:
    log = table({"processing": "batch"}, {"service_tier": "flex"}, {"speed": "fast"}, {})
    keys = {(one.key.processing, one.key.service_tier, one.key.speed) for one in sql.rate_sums(log, edges=PriceEdges())}
    assert keys == {
        ("batch", None, None),
        ("standard", "flex", None),
        ("standard", None, "fast"),
        ("standard", None, None),
    }


def test_groups_are_texts_in_the_order_asked_for(table: Table) -> None:
    log = table(
        {"tenant": "red", "user": "ann", "feature": "chat", "ts_epoch_s": NOON, "requests": 2},
        {"tenant": "red", "user": "ann", "feature": "chat", "ts_epoch_s": NOON + 3599, "status": "timeout"},
        {"tenant": None, "ts_epoch_s": None},
    )
    sums = sql.rate_sums(
        log, by=["day", "hour", "team", "tenant", "feature", "user", "model", "provider"], edges=PriceEdges()
    )
    red = ("2026-01-01", "2026-01-01 12:00", "red", "red", "chat", "ann", None, None)
    assert {one.group: (one.rows, one.requests, one.successes) for one in sums} == {
        red: (2, 3, 2),
        (None,) * 8: (1, 1, 1),
    }
    with pytest.raises(UnknownName):
        sql.rate_sums(log, by=["colour"], edges=PriceEdges())


def test_a_period_has_its_start_and_not_its_end_and_no_row_without_a_time(table: Table) -> None:
    log = table(
        {"ts_epoch_s": NOON - 1}, {"ts_epoch_s": NOON}, {"ts_epoch_s": NOON + 59}, {"ts_epoch_s": NOON + 60}, {}
    )
    (one,) = sql.rate_sums(log, edges=PriceEdges(), since_s=NOON, until_s=NOON + 60)
    assert one.rows == 2
    assert sql.rate_sums(log, edges=PriceEdges(), since_s=NOON + 61) == []
    assert sql.rows_without_time(log) == 1
    assert sql.time_span(log) == (NOON - 1, NOON + 60)


def test_an_empty_table_has_no_sums_and_no_span(table: Table) -> None:
    log = table()
    assert sql.rate_sums(log, edges=PriceEdges((1,)), use_day=False) == []
    assert sql.time_span(log) is None
    assert sql.reported_cost(log) == []
    assert sql.costliest_rows(log, 3, edges=PriceEdges()) == []


def test_sums_work_over_a_parquet_file(table: Table, tmp_path: Path) -> None:
    log = table(
        {"provider": "openai", "model_served": "o3", "input_uncached_tokens": 5, "ts_epoch_s": NOON},
        {"output_audio_tokens": 3},
    )
    expected = sql.rate_sums(log, edges=PriceEdges((4,)))
    path = tmp_path / "usage.parquet"
    log.connection.execute(f"copy usage to '{path}'; drop table usage; create view usage as from '{path}'")
    found = sql.rate_sums(UsageLog(log.connection), edges=PriceEdges((4,)))
    assert sorted(found, key=repr) == sorted(expected, key=repr)


counts = st.integers(0, 10)
any_rows = st.lists(
    st.fixed_dictionaries(
        dict.fromkeys(TOKEN_CLASSES, counts)
        | {
            "model_served": st.sampled_from([None, "a", "b"]),
            "model_requested": st.sampled_from([None, "a", "c"]),
            "status": st.sampled_from(["success", "error"]),
            "requests": st.sampled_from([1, 1, 2]),
            "tenant": st.sampled_from([None, "x", "y"]),
            "ts_epoch_s": st.none() | st.integers(0, 200_000),
            "service_tier": st.sampled_from([None, "flex"]),
        }
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(any_rows, st.lists(st.sampled_from(["team", "day", "hour", "model"]), max_size=2, unique=True), st.booleans())
def test_no_token_is_lost_or_counted_twice(rows: list[dict[str, Any]], by: list[str], use_day: bool) -> None:
    with table_of(rows) as log:
        sums = sql.rate_sums(log, by=by, edges=PriceEdges((5, 20, 30), (3_600,)), use_day=use_day)
    for name in TOKEN_CLASSES:
        assert sum(one.tokens[name] for one in sums) == sum(row[name] for row in rows)
    assert sum(one.rows for one in sums) == len(rows)
    assert sum(one.requests for one in sums) == sum(row["requests"] for row in rows)
    assert sum(one.successes for one in sums) == sum(row["requests"] for row in rows if row["status"] == "success")
    assert len({(one.key, one.group) for one in sums}) == len(sums)


def test_demand_is_by_the_clock_and_has_no_empty_bucket(table: Table) -> None:
    log = table(
        {"ts_epoch_s": 59, "input_uncached_tokens": 5, "cache_read_tokens": 7, "output_total_tokens": 1},
        {"ts_epoch_s": 60, "requests": 2, "input_uncached_tokens": 9},
        {"ts_epoch_s": 119, "cache_write_5m_tokens": 3},
        {"ts_epoch_s": 300},
        {"ts_epoch_s": None, "input_uncached_tokens": 99},
    )
    demand = sql.bucket_demand(log, bucket_s=60)
    assert demand.start_s.tolist() == [0, 60, 300]
    assert demand.requests.tolist() == [1, 3, 1]
    assert demand.input_tokens.tolist() == [12, 12, 0]  # 5 + 7; 9 + 3
    assert demand.cache_read_tokens.tolist() == [7, 0, 0]
    assert demand.output_tokens.tolist() == [1, 0, 0]
    assert demand.requests.dtype.kind == "i"
    assert sql.bucket_demand(log, bucket_s=60, since_s=60, until_s=300).start_s.tolist() == [60]
    with pytest.raises(ValueError, match="0 s"):
        sql.bucket_demand(log, bucket_s=0)


def test_the_longest_request_counts_cache_and_output_within_its_period(table: Table) -> None:
    log = table(
        {"ts_epoch_s": NOON, "input_uncached_tokens": 10, "cache_read_tokens": 900, "output_total_tokens": 90},
        {"ts_epoch_s": NOON + 60, "input_uncached_tokens": 2000},
    )
    assert sql.longest_request_tokens(log) == 2000
    assert sql.longest_request_tokens(log, until_s=NOON + 60) == 1000
    assert sql.longest_request_tokens(log, since_s=NOON + 61) is None


def test_rows_of_several_requests_do_not_tell_the_longest(table: Table) -> None:
    assert sql.longest_request_tokens(table({"input_uncached_tokens": 10}, {"requests": 2})) is None


def test_shares_are_integers_of_tokens_and_requests(table: Table) -> None:
    log = table(
        {"input_uncached_tokens": 30, "cache_read_tokens": 60, "cache_write_5m_tokens": 10, "call_id": "a"},
        {"status": "RateLimitError", "call_id": "b"},
        {"status": "timeout", "call_id": "b"},
        {"call_id": "b"},
        {"call_id": None},
    )
    found = sql.shares(log)
    assert found.cached_input_tokens == Share(60, 100)
    assert found.failed_requests == Share(2, 5)
    assert found.retried_requests == Share(2, 4)  # two more attempts of call b; the last row tells nothing


def test_retries_are_unknown_where_the_log_has_no_call_id(table: Table) -> None:
    assert sql.shares(table({}, {})).retried_requests is None


def test_reported_cost_is_exact_and_says_how_many_rows_have_one(table: Table) -> None:
    log = table(
        {"tenant": "red", "cost_reported_usd": Decimal("0.1")},
        {"tenant": "red", "cost_reported_usd": Decimal("0.000000000000000002")},
        {"tenant": "red"},
        {"tenant": "blue"},
    )
    by_team = {cost.group: cost for cost in sql.reported_cost(log, by=["team"])}
    assert by_team[("red",)].usd == Decimal("0.100000000000000002")
    assert (by_team[("red",)].rows, by_team[("red",)].rows_with_cost) == (3, 2)
    assert by_team[("blue",)].usd is None
    (whole,) = sql.reported_cost(log)
    assert (whole.rows, whole.rows_with_cost) == (4, 2)


def test_the_costliest_rows_of_each_model_have_what_their_price_depends_on(table: Table) -> None:
    log = table(
        {"model_served": "a", "input_uncached_tokens": 100, "ts_epoch_s": NOON, "user": "ann"},
        {"model_served": "a", "output_total_tokens": 21, "ts_epoch_s": NOON},  # five times the weight: 105
        {"model_served": "a", "cache_read_tokens": 900, "ts_epoch_s": NOON},  # a tenth of it: 90
        {"model_served": "b", "input_uncached_tokens": 1},
    )
    found = sql.costliest_rows(log, 2, edges=PriceEdges((99, 100), (3_600,)))
    assert sorted((row.key.model or "", row.record) for row in found) == [("a", 1), ("a", 2), ("b", 4)]
    first = next(row for row in found if row.record == 1)
    assert (first.key.day, first.key.input_above, first.key.second_from, first.user) == (DAY, 99, 3_600, "ann")
    assert first.tokens["input_uncached_tokens"] == 100
    assert next(row for row in found if row.record == 4).key.day is None


def test_the_key_of_a_costly_row_is_the_key_of_its_sum(table: Table) -> None:
    edges = PriceEdges((5, 20), (3_600, 40_000))
    row = {"model_served": "a", "input_uncached_tokens": 21, "requests": 2, "ts_epoch_s": NOON, "speed": "fast"}
    log = table(row)
    assert sql.costliest_rows(log, 1, edges=edges)[0].key == sql.rate_sums(log, edges=edges)[0].key
