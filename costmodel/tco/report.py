"""A TCO study as a report: the answer first, then both sides line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from llmops import __version__
from llmops.costmodel.tco.compare import cost_ratio, saving_ratio
from llmops.costmodel.tco.lines import CostLine, Range
from llmops.costmodel.tco.study import Study
from llmops.money import rounded_usd, shown_usd
from llmops.report import Bar, Chart, Column, Interval, Metric, Report, Table, report_id

NOT_COVERED = (
    "quality: whether the hosted model answers as well as the API's was not compared",
    "one-off costs: migration, evaluation and the first deployment (2 to 4 weeks of an engineer)",
    "latency and limits: time to first token, rate limits and the provider's outages",
    "prompt caching on your own GPUs, which would need fewer of them",
    "reserved, spot and owned GPUs, cheaper models, routing and batch: only API against on-demand GPUs",
    "taxes, and how prices will move",
)


def tco_report(study: Study, *, started_at: datetime, finished_at: datetime, system: dict[str, str]) -> Report:
    """The whole report; times are UTC."""
    return Report(
        kind="tco",
        id=report_id("tco", started_at),
        started_at=started_at,
        finished_at=finished_at,
        tool_version=__version__,
        title="TCO: the API, or your own GPUs?",
        system=system,
        verdict=study.verdict,
        summary=list(_summary(study)),
        metrics=list(_metrics(study)),
        findings=study.findings,
        tables=[_lines_table(study), *study.tables, _basis_table(study)],
        charts=[_chart(study)],
        sources=study.sources,
        not_covered=[*study.not_covered, *NOT_COVERED],
    )


def _summary(study: Study) -> Iterator[str]:
    api, self_host = study.api.usd_per_month, study.self_host
    yield f"API: {_span(api)} USD a month ({study.api_line.formula})."
    if study.napkin:
        napkin = study.napkin
        saved = _saving(napkin.usd_per_month, api.typical)
        yield f"Self-hosting, naive: {rounded_usd(napkin.usd_per_month)} USD a month{saved} ({napkin.formula})."
    yield (
        f"Self-hosting, honest: {_span(self_host)} USD a month, typically {rounded_usd(self_host.typical)}"
        f"{_saving(self_host.typical, api.typical)}."
    )
    if study.mtok_per_month and not study.api.unpriced_tokens:
        ours, theirs = (_per_mtok(side.typical, study.mtok_per_month) for side in (self_host, api))
        yield f"Per million tokens at this volume: {shown_usd(theirs)} USD at the API, {shown_usd(ours)} self-hosted."
    if study.break_even and study.demand:
        yield _break_even_sentence(study)
    yield f"Assumed: {study.hosted}; its quality is not compared. A month is {study.hours_per_month} hours."


def _break_even_sentence(study: Study) -> str:
    assert study.break_even  # noqa: S101 - the caller has seen to it
    ends = (study.break_even.low, study.break_even.typical, study.break_even.high)
    if all(end is None for end in ends):
        return "Break-even: at no volume; the GPUs alone cost more per token than the API."
    low, typical, high = ("never" if end is None else f"{end:,.2g}×" for end in ends)
    return (
        f"Break-even volume: from {low} (cheap, and no peaks) over {typical} (typically) to {high} (dear) of today's "
        f"{study.mtok_per_month:,.0f} million tokens a month."
    )


def _saving(usd: Decimal, reference: Decimal) -> str:
    if reference == 0:
        return ""
    if usd >= 2 * reference:
        return f", {cost_ratio(usd, reference):,.1f} times the API"
    saved = saving_ratio(usd, reference)
    return f", {saved:.1%} less than the API" if saved >= 0 else f", {-saved:.1%} more than the API"


def _per_mtok(usd: Decimal, mtok: Decimal) -> Decimal:
    return usd / mtok


def _metrics(study: Study) -> Iterator[Metric]:
    api, self_host = study.api.usd_per_month, study.self_host
    yield Metric("api_monthly_usd", api.typical, interval=_interval(api))
    yield Metric("self_host_monthly_usd", self_host.typical, interval=_interval(self_host))
    if study.napkin:
        yield Metric("self_host_naive_monthly_usd", study.napkin.usd_per_month)
    if study.mtok_per_month and not study.api.unpriced_tokens:
        for name, side in (("api_usd_per_mtok", api), ("self_host_usd_per_mtok", self_host)):
            yield Metric(
                name, side.typical / study.mtok_per_month, interval=_interval(side.divided_by(study.mtok_per_month))
            )
    if study.gpus and study.utilisation:
        yield Metric("self_host_gpus", study.gpus.typical, interval=Interval(study.gpus.low, study.gpus.high))
        used = study.utilisation
        yield Metric("self_host_utilisation_ratio", used.typical, interval=Interval(used.low, used.high))
    if study.demand:
        yield Metric("peak_utilisation_ratio", study.demand.peak_utilisation, n=study.demand.requests.size,
                     scope={"bucket_s": str(study.demand.bucket_s)})  # fmt: skip
    if study.break_even and study.mtok_per_month:
        ends = (study.break_even.low, study.break_even.typical, study.break_even.high)
        low, typical, high = (None if end is None else end * study.mtok_per_month for end in ends)
        yield Metric("break_even_mtok_per_month", typical, interval=Interval(low, high))


def _interval(usd: Range) -> Interval:
    return Interval(usd.low, _bounded(usd.high))


def _bounded(usd: Decimal) -> Decimal | None:
    return usd if usd.is_finite() else None


def _cell(usd: Decimal) -> Decimal | str:
    return usd if usd.is_finite() else rounded_usd(usd)


def _lines_table(study: Study) -> Table:
    columns = [Column("line", "USD a month")] + [Column(end, end, "usd_rounded") for end in ("low", "typical", "high")]
    whole = study.self_host
    return Table(
        "lines",
        "What self-hosting would cost",
        columns,
        [_line_row(line) for line in study.lines],
        total=("self-hosted", whole.low, whole.typical, _cell(whole.high)),
        note="The ends add up all low and all high lines; the truth is likely nearer to the middle.",
    )


def _line_row(line: CostLine) -> Sequence[str | Decimal]:
    usd = line.usd_per_month
    return (f"{line.name}: {line.what}", usd.low, usd.typical, _cell(usd.high))


def _basis_table(study: Study) -> Table:
    columns = [
        Column("line", "line"),
        Column("basis", "basis"),
        Column("for", "for GPUs that are"),
        Column("how", "typically"),
        Column("source", "see source"),
    ]
    rows = [
        (line.name, line.basis, line.applies_to, line.formula or "as published", line.source.name)
        for line in (study.api_line, *study.lines)
    ]
    return Table("basis", "How each line came about", columns, rows)


def _chart(study: Study) -> Chart:
    api, self_host = study.api.usd_per_month, study.self_host
    bars = [_bar("API", api)]
    if study.napkin:
        bars.append(Bar("self-hosted, naive", study.napkin.usd_per_month))
    bars.append(_bar("self-hosted, honest", self_host))
    return Chart("monthly_usd", "USD a month", "usd_rounded", bars)


def _bar(label: str, usd: Range) -> Bar:
    if not usd.high.is_finite():
        return Bar(f"{label} (no upper bound)", usd.typical)
    bar = Bar(label, usd.typical)
    return bar if usd.low == usd.high else replace(bar, low=usd.low, high=usd.high)


def _span(usd: Range) -> str:
    return rounded_usd(usd.typical) if usd.low == usd.high else f"{rounded_usd(usd.low)} to {rounded_usd(usd.high)}"
