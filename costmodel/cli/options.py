"""The options that every command on usage logs shares."""

import sys
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli_options import moment_s
from llmops.config import load_config, validated
from llmops.errors import BadInput
from llmops.registry import Registry

if TYPE_CHECKING:
    from llmops.costmodel.bill.compute import Period
    from llmops.costmodel.prices.book import PriceBook
    from llmops.costmodel.usage.store import UsageLog
    from llmops.report import Finding

log_formats: Registry[object] = Registry("log format", "llmops.costmodel.usage.readers")

LogFormatOption = Annotated[
    str | None,
    typer.Option("--log-format", help=f"Read as this, instead of by content: {', '.join(log_formats.names())}."),
]
MappingOption = Annotated[
    Path | None, typer.Option("--mapping", help="YAML file that maps the columns of any CSV, JSONL or Parquet log.")
]
MaxRejectedOption = Annotated[
    str, typer.Option("--max-rejected", metavar="PERCENT", help="Give up when more rows than this cannot be read.")
]
RejectsOption = Annotated[
    Path | None,
    typer.Option("--rejects", help="Write rejected rows, with reasons, to this JSON lines file.", dir_okay=False),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="PROVIDER:MODEL", help="Price rows that name no model as this one.")
]
SinceOption = Annotated[str | None, typer.Option("--since", help="Only calls from this day or time on (UTC).")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Only calls before this day or time (UTC).")]
BucketOption = Annotated[int, typer.Option("--bucket", min=1, help="Seconds of a demand bucket, aligned to the clock.")]


def open_log(
    logs: list[str],
    *,
    log_format: str | None,
    mapping: Path | None,
    max_rejected: str,
    rejects: Path | None,
    model: tuple[str | None, str] | None,
) -> "AbstractContextManager[UsageLog]":
    """The usage table of the logs named at the command line; closing it removes its temporary files."""
    from llmops.costmodel.usage.store import read_usage

    return read_usage(
        logs,
        log_format=log_format,
        mapping=mapping,
        stdin=None if sys.stdin is None else sys.stdin.buffer,
        max_rejected_percent=_percent(max_rejected),
        rejects=rejects,
        model=model,
    )


def load_book(config: Path | None) -> "PriceBook":
    """The price catalogue and the user's own prices from llmops.yaml."""
    from llmops.costmodel.prices.book import PriceBook
    from llmops.costmodel.prices.config import PricesSection

    return PriceBook.load(validated(PricesSection, load_config(config).get("prices") or {}, "prices"))


def period(since: str | None, until: str | None, option: str = "--since/--until") -> "Period":
    """The period two options name; an end that is not given is open. BadInput when it ends before it starts."""
    from llmops.costmodel.bill.compute import Period

    since_s, until_s = (None if text is None else moment_s(text, option) for text in (since, until))
    if since_s is not None and until_s is not None and until_s <= since_s:
        raise BadInput(
            f"{option}: the period ends before it starts", hint="the second time is the end, and not part of it"
        )
    return Period(since_s, until_s)


def future_prices(on: date | None, today: date) -> "list[Finding]":
    """A warning where prices of a day to come are asked for: nobody knows them."""
    from llmops.report import Finding

    if on is None or on <= today:
        return []
    return [Finding("warn", f"{on} is in the future: the prices are those known today, not those of that day.")]


def _percent(text: str) -> Decimal:
    try:
        percent = Decimal(text)
    except InvalidOperation as error:
        raise BadInput(f"--max-rejected {text!r} is no number", hint="write a percentage such as 0.5") from error
    if not (percent.is_finite() and 0 <= percent <= 100):  # noqa: PLR2004 - percent
        raise BadInput(f"--max-rejected {text} is no percentage", hint="0 to 100")
    return percent
