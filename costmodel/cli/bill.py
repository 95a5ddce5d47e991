"""`llmops bill`: what the calls of a log cost."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli_options import ConfigOption, FormatOption, OutOption, check_format, day, finish, refuse_overwriting
from llmops.costmodel.cli.options import (
    BucketOption,
    LogFormatOption,
    MappingOption,
    MaxRejectedOption,
    ModelOption,
    RejectsOption,
    SinceOption,
    UntilOption,
    future_prices,
    load_book,
    open_log,
    period,
)
from llmops.errors import BadInput
from llmops.live import waiting

if TYPE_CHECKING:
    from llmops.costmodel.bill.compute import Period

BY = ("model", "provider", "team", "feature", "user", "day", "hour")


def bill(
    logs: Annotated[
        list[str], typer.Argument(metavar="LOG...", help="Usage logs: files, quoted globs, or - for stdin.")
    ],
    by: Annotated[list[str] | None, typer.Option("--by", help=f"Group by {', '.join(BY)}; repeat for more.")] = None,
    model: ModelOption = None,
    price_date: Annotated[
        str | None,
        typer.Option("--price-date", metavar="DATE", help="Prices of this day (or `today`), not of each call's."),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    versus: Annotated[
        str | None, typer.Option("--versus", metavar="SINCE..UNTIL", help="Another period of the log to compare with.")
    ] = None,
    bucket: BucketOption = 60,
    top: Annotated[int, typer.Option("--top", min=0, help="How many of the most expensive calls to show.")] = 5,
    log_format: LogFormatOption = None,
    mapping: MappingOption = None,
    max_rejected: MaxRejectedOption = "1",
    rejects: RejectsOption = None,
    config: ConfigOption = None,
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """What the calls of a usage log cost, at dated catalogue prices beside what was billed.

    Example: llmops bill examples/litellm_spend_logs.jsonl.gz --by team
    """
    from llmops.costmodel.bill.compute import compute_bill
    from llmops.costmodel.bill.report import bill_report

    started_at = datetime.now(UTC)
    check_format(output_format)
    refuse_overwriting(out, [*logs, mapping, rejects, config])
    book = load_book(config)
    on = None if price_date is None else day(price_date, "--price-date", today=started_at.date())
    other = None if versus is None else _other_period(versus)
    opened = open_log(
        logs,
        log_format=log_format,
        mapping=mapping,
        max_rejected=max_rejected,
        rejects=rejects,
        model=None if model is None else book.model_named(model),
    )
    with waiting("reading the log"), opened as log:
        facts = compute_bill(
            log, book, by=by or ["model"], on=on, period=period(since, until), other=other, bucket_s=bucket, top=top
        )
    facts = replace(facts, findings=[*facts.findings, *future_prices(on, started_at.date())])
    asked = {"model": model, "since": since, "until": until, "versus": versus, "price_date": on and on.isoformat()}
    system = {
        "logs": " ".join(logs),
        "bucket_s": str(bucket),
        **{name: value for name, value in asked.items() if value},
    }
    finish(bill_report(facts, started_at=started_at, finished_at=datetime.now(UTC), system=system), output_format, out)


def _other_period(text: str) -> "Period":
    since, dots, until = text.partition("..")
    if not dots:
        raise BadInput(f"--versus {text!r} is no period", hint="write it as 2026-10-01..2026-11-01")
    return replace(period(since or None, until or None, option="--versus"), name=text)
