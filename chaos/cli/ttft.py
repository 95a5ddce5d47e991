"""`llmops ttft`: what recorded calls say about latency."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.chaos.cli.latency import BandsOption, ByOption, SloE2eOption, SloTpotOption, SloTtftOption, judged
from llmops.cli_options import FormatOption, OutOption, check_format, finish, refuse_overwriting
from llmops.errors import ExitCode
from llmops.live import waiting
from llmops.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmops.chaos.load.latency_tables import Judged
    from llmops.chaos.load.recorded import Recording
    from llmops.ports import ReadTimedCalls, TimedCalls
    from llmops.report import Report, Verdict

log_formats: Registry[object] = Registry("log format", "llmops.costmodel.usage.readers")


def ttft(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Records of `llmops load`, llmperf results, or usage logs with times; - is a log on stdin.",
        ),
    ],
    by: ByOption = None,
    slo_ttft: SloTtftOption = 0.5,
    slo_tpot: SloTpotOption = 0.05,
    slo_e2e: SloE2eOption = float("inf"),
    bands: BandsOption = "perception",
    log_format: Annotated[
        str | None,
        typer.Option(
            "--log-format", help=f"Read logs as this, instead of by content: {', '.join(log_formats.names())}."
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="YAML file that maps the columns of any CSV, JSONL or Parquet log.")
    ] = None,
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """Time to the first token, between tokens and in total, per model, route and tenant, and whom each ranking favours.

    Example: llmops ttft calls.jsonl --by model --slo-ttft 0.8
    """
    from llmops.chaos.load.recorded import merged, read_recordings

    started_at = datetime.now(UTC)
    check_format(output_format)
    refuse_overwriting(out, [*files, mapping])
    with waiting("reading the calls"):
        recordings = read_recordings(files, _log_reader(log_format, mapping))
        calls = merged([each.calls for each in recordings])
        found = judged(calls, by=by, slo_ttft=slo_ttft, slo_tpot=slo_tpot, slo_e2e=slo_e2e, bands=bands)
    finish(_report(found, recordings, calls, started_at), output_format, out)


def _log_reader(log_format: str | None, mapping: Path | None) -> "ReadTimedCalls":
    def read(logs: "Sequence[str]", /) -> "TimedCalls":
        from llmops.costmodel.usage.calls import timed_calls
        from llmops.costmodel.usage.store import read_usage

        stdin = None if sys.stdin is None else sys.stdin.buffer
        with read_usage(logs, log_format=log_format, mapping=mapping, stdin=stdin) as usage:
            return timed_calls(usage)

    return read


def _report(found: "Judged", recordings: "Sequence[Recording]", calls: "TimedCalls", started_at: datetime) -> "Report":
    from llmops import __version__
    from llmops.chaos.load import latency_report as latency
    from llmops.chaos.load.latency_tables import chart, slo_in_words, tables
    from llmops.chaos.load.wording import counted
    from llmops.report import Report, Source, report_id

    read = [Source(each.name, f"{each.kind}, {counted(len(each.calls), 'call')}") for each in recordings]
    return Report(
        kind="ttft",
        id=report_id("ttft", started_at),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        tool_version=__version__,
        title="Time to the first token",
        system={"files": " ".join(each.name for each in recordings), "slo": slo_in_words(found.slo)},
        verdict=_no_data(found),
        summary=latency.summary(found),
        metrics=list(latency.metrics(found)),
        findings=list(latency.findings(found)),
        tables=list(tables(found, of_all=False)),
        charts=list(chart(found)),
        sources=[*read, *latency.sources(found)],
        not_covered=list(latency.not_covered(found, calls)),
    )


def _no_data(found: "Judged") -> "Verdict | None":
    from llmops.chaos.load.wording import counted
    from llmops.report import Verdict

    whole = found.analysis.whole
    if whole.samples["ttft"].n:
        return None
    if not whole.n:
        because = "no call could be judged."
    elif not whole.succeeded:
        because = f"none of {counted(whole.n, 'call')} succeeded, so there is no latency to speak of."
    else:
        because = f"none of {counted(whole.succeeded, 'successful call')} has a time to its first token."
    return Verdict("INVALID", because, (), ExitCode.NO_DATA)
