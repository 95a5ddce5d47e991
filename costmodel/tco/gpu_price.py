"""The price of a GPU-hour as a range with its source, for the lines of a study."""

from collections.abc import Iterable
from datetime import date

from llmops.costmodel.prices.gpu_files import GpuRow
from llmops.costmodel.prices.gpus import Quote, gpu_hour_usd
from llmops.costmodel.tco.lines import Range
from llmops.errors import BadInput
from llmops.report import Source


def gpu_price(gpu: str, on: date, own: Iterable[GpuRow] | None = None) -> tuple[Range, Source]:
    """USD per hour of one GPU on demand: the cheapest, the median and the dearest provider.

    UnknownName where no table has the GPU; NoData where it has no price by that day.
    """
    rows = None if own is None else tuple(own)
    if rows is not None and not any(row.gpu == gpu and row.commitment == "on_demand" for row in rows):
        held = ", ".join(sorted({f"{row.gpu} {row.commitment}" for row in rows}))
        raise BadInput(f"the GPU price file has no on_demand price of {gpu}", hint=f"it has {held}; see --gpu")
    price = gpu_hour_usd(gpu, on, own=rows)
    ends = (price.low, price.typical, price.high)
    what = (
        f"{gpu} on demand, USD/h: cheapest {_quoted(price.low)}; median of {price.providers} providers "
        f"{price.typical.usd_per_gpu_hour}; dearest {_quoted(price.high)}"
    )
    days = [row.checked_on for row in price.rows if row.checked_on]
    return Range(*(end.usd_per_gpu_hour for end in ends)), Source("gpus", what, max(days, default=None))


def _quoted(quote: Quote) -> str:
    row = quote.rows[0]
    return f"{quote.usd_per_gpu_hour} at {row.provider} ({row.dated}: {row.source})"
