"""What a GPU costs to rent by the hour: dated rows with a source each, and the range between providers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from llmops.costmodel.prices.gpu_files import GpuRow, read_gpu_prices
from llmops.errors import NoData, UnknownName, nearest_hint

BUNDLED_FILE = Path(__file__).parent / "data" / "gpu_prices.csv"


@dataclass(frozen=True)
class Quote:
    """One figure and the rows it stands on: one row, or the two in the middle of an even number."""

    usd_per_gpu_hour: Decimal
    rows: tuple[GpuRow, ...]


@dataclass(frozen=True)
class GpuPrice:
    """What providers ask for one GPU-hour: the cheapest, the median provider, the dearest."""

    low: Quote
    typical: Quote
    high: Quote
    providers: int  # behind `typical`
    rows: tuple[GpuRow, ...]  # the newest ones of each provider, cheapest first


def gpu_hour_usd(gpu: str, on: date, commitment: str = "on_demand", *, own: Iterable[GpuRow] | None = None) -> GpuPrice:
    """USD per GPU-hour of `gpu` (`h100_sxm`), from the newest rows of each provider checked on or before `on`.

    A provider's newest day may hold several offers (regions, sizes): it counts in `typical` with their median.
    `own` rows replace the bundled ones of the same GPU and commitment; rows without a date always hold.
    UnknownName where no table has the GPU; NoData where it has no row of that commitment by that day.
    """
    rows = [row for row in _table(gpu, commitment, own) if row.gpu == gpu and row.commitment == commitment]
    held = [row for row in rows if row.checked_on is None or row.checked_on <= on]
    if not held:
        raise _no_rows(gpu, commitment, on, rows)
    newest = sorted(_newest_of_each_provider(held), key=lambda row: (row.usd_per_gpu_hour, row.provider))
    return GpuPrice(
        low=_quote([newest[0]]),
        typical=_median([_median(_of(newest, provider)) for provider in _providers(newest)]),
        high=_quote([newest[-1]]),
        providers=len(_providers(newest)),
        rows=tuple(newest),
    )


def known_gpus(own: Iterable[GpuRow] | None = None) -> list[str]:
    """The GPUs that have a price, sorted."""
    return sorted({row.gpu for row in (*bundled_rows(), *(own or ()))})


@cache
def bundled_rows() -> tuple[GpuRow, ...]:
    """The table that ships with llmops."""
    return tuple(read_gpu_prices(BUNDLED_FILE))


def _table(gpu: str, commitment: str, own: Iterable[GpuRow] | None) -> tuple[GpuRow, ...]:
    mine = tuple(own or ())
    if gpu not in known_gpus(mine):
        raise UnknownName(f"no GPU price is known for {gpu!r}", hint=nearest_hint(gpu, known_gpus(mine)))
    has_own = any(row.gpu == gpu and row.commitment == commitment for row in mine)
    return mine if has_own else bundled_rows()


def _no_rows(gpu: str, commitment: str, on: date, rows: list[GpuRow]) -> NoData:
    if not rows:
        return NoData(
            f"the table has no {commitment} price of {gpu}",
            hint="give one with --gpu-prices FILE: no discount is assumed",
        )
    first = min(row.checked_on for row in rows if row.checked_on)
    return NoData(f"no {commitment} price of {gpu} is known on {on}: the first is of {first}", hint="use a later date")


def _newest_of_each_provider(rows: list[GpuRow]) -> list[GpuRow]:
    newest: dict[str, date] = {}
    for row in rows:
        newest[row.provider] = max(newest.get(row.provider, date.min), row.checked_on or date.min)
    return [row for row in rows if (row.checked_on or date.min) == newest[row.provider]]


def _providers(rows: Iterable[GpuRow]) -> list[str]:
    return sorted({row.provider for row in rows})


def _of(rows: Iterable[GpuRow], provider: str) -> list[Quote]:
    return [_quote([row]) for row in rows if row.provider == provider]


def _quote(rows: list[GpuRow]) -> Quote:
    return Quote(rows[0].usd_per_gpu_hour, tuple(rows))


def _median(quotes: list[Quote]) -> Quote:
    """The middle one, or half the sum of the two in the middle with the rows of both."""
    ordered = sorted(quotes, key=lambda quote: quote.usd_per_gpu_hour)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if low is high:
        return low
    return Quote((low.usd_per_gpu_hour + high.usd_per_gpu_hour) / 2, low.rows + high.rows)
