"""What a bill costs to compute, against a plain DuckDB aggregate and against pricing row by row.

    python benchmarks/bill.py [ROWS] [ROUNDS]

Baseline: DuckDB's own sums of the same token columns by provider, model, day and processing, over the same Parquet
file. Aim: at most 1.3 times its time for the query; pricing its sums is a line of its own. The file is made here, of
random rows (seeded).
"""

# ruff: noqa: S608 - the SQL is put together from names in this file

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
from genai_prices import Usage, calc_price

from llmops.costmodel.prices.book import PriceBook
from llmops.costmodel.prices.tokens import priced
from llmops.costmodel.usage import sql
from llmops.costmodel.usage.schema import COLUMNS, PART_CLASSES, TOKEN_CLASSES
from llmops.costmodel.usage.store import UsageLog, read_usage
from llmops.money import total_usd

MODELS = [
    ("openai", "gpt-5"), ("openai", "gpt-5-mini"), ("openai", "gpt-4.1"), ("openai", "o3"),
    ("anthropic", "claude-sonnet-4-5"), ("anthropic", "claude-haiku-4-5"), ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"),
]  # fmt: skip
DAYS = 30
FIRST_S = 1_792_800_000  # 2026-10-24, after batch prices began
ROWS_PRICED_ALONE = 2_000
AIM = 1.3
MAPPING = "input_includes_cache: false\n" + "".join(
    f"{name}: {path}\n"
    for name, path in {
        "provider": "provider",
        "model_served": "model_served",
        "ts_utc": "{path: ts_epoch_s, unit: epoch_s}",
        "processing": "processing",
        "input_tokens": "input_uncached_tokens",
        "output_total_tokens": "output_total_tokens",
        "cache_read_tokens": "cache_read_tokens",
        "cache_write_5m_tokens": "cache_write_5m_tokens",
        "cache_write_1h_tokens": "cache_write_1h_tokens",
        "tenant": "tenant",
    }.items()
)


def main() -> None:
    """Make the rows, time each step in turn, and print medians and ratios."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7  # noqa: PLR2004 - the second argument
    with tempfile.TemporaryDirectory() as folder:
        parquet = Path(folder) / "usage.parquet"
        write_rows(parquet, rows)
        show_queries(parquet, rows, rounds)
        show_row_by_row(parquet, rows)
        show_reading(parquet, Path(folder), rows)


def write_rows(parquet: Path, rows: int) -> None:
    """Random calls in the normal form of the usage table, most of them small, a few above the price tiers."""
    names = ", ".join(f"('{provider}', '{model}')" for provider, model in MODELS)
    made = {
        "ts_epoch_s": f"{FIRST_S} + (random() * {DAYS * 86_400})::bigint",
        "provider": "name.provider",
        "model_served": "name.model",
        "input_uncached_tokens": "(exp(random() * 12.5))::bigint",
        "cache_read_tokens": "case when random() < 0.4 then (random() * 20000)::bigint else 0 end",
        "cache_write_5m_tokens": "case when random() < 0.1 then (random() * 5000)::bigint else 0 end",
        "output_total_tokens": "(exp(random() * 7))::bigint",
        "requests": "1",
        "processing": "case when random() < 0.1 then 'batch' else 'standard' end",
        "status": "'success'",
        "tenant": "'team ' || (random() * 20)::bigint",
        "dedupe_key": "'call-' || i",
    }
    columns = ", ".join(
        f'({made.get(name, "0" if name in TOKEN_CLASSES else "NULL")})::{kind} as "{name}"'
        for name, kind in COLUMNS.items()
    )
    connection = duckdb.connect()
    connection.execute("select setseed(0.42)")
    connection.execute(
        f"create table names as select row_number() over () - 1 as n, * from (values {names}) t(provider, model)"
    )
    connection.execute(
        f"copy (select {columns} from (select i, (random() * {len(MODELS) - 1})::bigint as n from range({rows}) t(i)) "
        f"join names as name using (n)) to '{parquet}' (format parquet)"
    )


def show_queries(parquet: Path, rows: int, rounds: int) -> None:
    """The bill (sums, then prices) and the demand, each over the Parquet file, beside the plain aggregate."""
    connection = duckdb.connect()
    connection.execute(f"create view usage as select * from read_parquet('{parquet}')")
    log, book = UsageLog(connection), PriceBook.load()
    edges = book.edges(sql.models(log))
    sums = ", ".join(f"sum({name})" for name in (*TOKEN_CLASSES, *PART_CLASSES))
    plain = (
        f"select provider, model_served, ts_epoch_s // 86400, processing, count(*), {sums} "
        "from usage group by 1, 2, 3, 4"
    )
    steps: dict[str, Callable[[], object]] = {
        "plain aggregate (baseline)": lambda: connection.execute(plain).fetchall(),
        "bill: sums by rate, query only": lambda: sql.rate_sums(log, edges=edges),
        "bill: sums by rate, then prices": lambda: priced(sql.rate_sums(log, edges=edges), book),
        "bill by team": lambda: priced(sql.rate_sums(log, by=("team",), edges=edges), book),
        "demand in 60 s buckets": lambda: sql.bucket_demand(log, bucket_s=60),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds + 1):  # the first round warms up
        for name, step in steps.items():
            times[name].append(seconds_of(step))
    medians = {name: statistics.median(values[1:]) for name, values in times.items()}
    print(f"{rows:,} rows, median of {rounds} interleaved runs; aim for the query: at most {AIM} times the baseline")
    for name, median in medians.items():
        print(f"{name:36} {median:7.3f} s   ratio {median / medians['plain aggregate (baseline)']:5.2f}")


def show_row_by_row(parquet: Path, rows: int) -> None:
    """`calc_price` on some rows, one by one, against the whole bill's time for each row."""
    connection = duckdb.connect()
    connection.execute(f"create view usage as select * from read_parquet('{parquet}')")
    log, book = UsageLog(connection), PriceBook.load()
    edges = book.edges(sql.models(log))
    bill_s = seconds_of(lambda: priced(sql.rate_sums(log, edges=edges), book)) / rows
    few = connection.execute(
        "select provider, model_served, ts_epoch_s, input_uncached_tokens + cache_read_tokens + cache_write_5m_tokens, "
        f"cache_read_tokens, cache_write_5m_tokens, output_total_tokens from usage limit {ROWS_PRICED_ALONE}"
    ).fetchall()
    alone_s = seconds_of(lambda: total_usd(price_alone(row) for row in few)) / len(few)
    print(f"{'calc_price, row by row':36} {alone_s * 1e6:7.1f} µs a row, {alone_s / bill_s:,.0f} times the bill's")


def price_alone(row: tuple[str, str, int, int, int, int, int]) -> Decimal:
    """The price of one row by genai-prices itself."""
    provider, model, at, inputs, cached, written, outputs = row
    usage = Usage(
        input_tokens=inputs, cache_read_tokens=cached, cache_write_tokens=written, cache_write_5m_tokens=written,
        output_tokens=outputs,
    )  # fmt: skip
    when = datetime.fromtimestamp(at, UTC)
    return calc_price(usage, model, provider_id=provider, genai_request_timestamp=when).total_price


def show_reading(parquet: Path, folder: Path, rows: int) -> None:
    """End to end, from the file through its mapping to the bill; once without and once with keys to dedupe by."""
    plain, keyed = folder / "plain.yaml", folder / "keyed.yaml"
    plain.write_text(MAPPING, encoding="utf-8")
    keyed.write_text(MAPPING + "dedupe_key: dedupe_key\n", encoding="utf-8")
    without_s = seconds_of(lambda: read_and_bill(parquet, plain))
    with_s = seconds_of(lambda: read_and_bill(parquet, keyed))
    print(f"{'end to end, read to bill':36} {without_s:7.3f} s   {rows / without_s:,.0f} rows a second")
    print(f"{'the same with dedupe':36} {with_s:7.3f} s   dedupe {with_s - without_s:.3f} s")


def read_and_bill(parquet: Path, mapping: Path) -> object:
    """What `llmops bill` does."""
    book = PriceBook.load()
    with read_usage([str(parquet)], mapping=mapping) as log:
        return priced(sql.rate_sums(log, edges=book.edges(sql.models(log))), book)


def seconds_of(step: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
