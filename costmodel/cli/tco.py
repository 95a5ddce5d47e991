"""`llmops tco`: buy from the API, or build on GPUs of one's own."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli_options import ConfigOption, FormatOption, OutOption, check_format, day, finish, refuse_overwriting
from llmops.config import load_config, validated
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
from llmops.live import waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmops.costmodel.tco.config import TcoSection
    from llmops.costmodel.tco.lines import Range
    from llmops.report import Source


def tco(
    logs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LOG]...", help="Usage logs; none when the configuration states the bill."),
    ] = None,
    model: ModelOption = None,
    self_host: Annotated[
        str | None, typer.Option("--self-host", metavar="MODEL", help="Open-weight model to host.")
    ] = None,
    gpu: Annotated[str | None, typer.Option("--gpu", help="GPU to host it on, such as h100_sxm or l40s.")] = None,
    precision: Annotated[str | None, typer.Option("--precision", help="bf16, fp8, int4 …")] = None,
    price_date: Annotated[
        str, typer.Option("--price-date", metavar="DATE", help="Day of all prices, or `today`.")
    ] = "today",
    since: SinceOption = None,
    until: UntilOption = None,
    bucket: BucketOption = 60,
    assume_repeats: Annotated[
        bool, typer.Option("--assume-repeats", help="Decide although the log is shorter than 7 days.")
    ] = False,
    gpu_prices: Annotated[
        Path | None, typer.Option("--gpu-prices", help="Own GPU prices: CSV in our layout, or SkyPilot's vms.csv.")
    ] = None,
    log_format: LogFormatOption = None,
    mapping: MappingOption = None,
    max_rejected: MaxRejectedOption = "1",
    rejects: RejectsOption = None,
    config: ConfigOption = None,
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """What the API costs a month, what hosting a model would cost honestly, and which it is.

    Example: llmops tco examples/litellm_spend_logs.jsonl.gz --self-host Llama-3.1-8B --gpu l40s
    """
    from llmops.costmodel.tco.report import tco_report
    from llmops.costmodel.tco.study import as_stated

    started_at = datetime.now(UTC)
    check_format(output_format)
    refuse_overwriting(out, [*(logs or []), mapping, rejects, config, gpu_prices])
    asked = {"model": self_host, "gpu": gpu, "precision": precision}
    section = _section(config, {name: value for name, value in asked.items() if value is not None})
    if not logs:
        study = as_stated(section)
    else:
        from llmops.costmodel.tco.from_log import Question, study_log

        book = load_book(config)
        on = day(price_date, "--price-date", today=started_at.date())
        question = Question(section, on, period(since, until), bucket, assume_repeats, _gpu_price(gpu_prices))
        opened = open_log(
            logs,
            log_format=log_format,
            mapping=mapping,
            max_rejected=max_rejected,
            rejects=rejects,
            model=None if model is None else book.model_named(model),
        )
        with waiting("reading the log and sizing the fleet"), opened as log:
            study = study_log(log, book, question)
        study = replace(study, findings=[*study.findings, *future_prices(on, started_at.date())])
    asked = {"model": model, "since": since, "until": until, "price_date": price_date if logs else None}
    system = {"logs": " ".join(logs or ["none: stated figures"]), "hosted": study.hosted, **study.hosting}
    system |= {name: value for name, value in asked.items() if value}
    finish(tco_report(study, started_at=started_at, finished_at=datetime.now(UTC), system=system), output_format, out)


def _section(config: Path | None, asked: dict[str, str]) -> "TcoSection":
    """The section `tco:` of the configuration; what the command line asks for comes first."""
    from llmops.costmodel.tco.config import TcoSection

    section = validated(TcoSection, load_config(config).get("tco") or {}, "tco")
    return section.model_copy(update={"self_host": section.self_host.model_copy(update=asked)})


def _gpu_price(own: Path | None) -> "Callable[[str, date], tuple[Range, Source]]":
    """The price of a GPU-hour from the bundled table, or the user's own."""
    from llmops.costmodel.prices.gpu_files import read_gpu_prices
    from llmops.costmodel.tco.gpu_price import gpu_price

    rows = None if own is None else read_gpu_prices(own)
    return lambda gpu, on: gpu_price(gpu, on, rows)
