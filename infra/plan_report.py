"""The plan of a fallback as a report: what fits, what it costs, how long it takes to recover."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from llmops import __version__
from llmops.errors import ExitCode
from llmops.infra.asked import FIGURES, LEAST_CONTEXT_TOKENS, Asked
from llmops.infra.instances import Fit, ModelNeeds
from llmops.infra.prices import Price, spot_range
from llmops.infra.recovery import Part, bounds_s
from llmops.infra.standing import Line, serving_usd, total_of
from llmops.money import rounded_usd
from llmops.report import Cell, Column, Finding, Interval, Metric, Report, Source, Table, Verdict, report_id

NO_GUARANTEE = "Capacity is not guaranteed: nothing is reserved, and GPUs run out when everyone fails over."


# By `quantization_config` in their config.json on Hugging Face.
PUBLISHED = {"openai/gpt-oss-20b": "mxfp4", "openai/gpt-oss-120b": "mxfp4", "deepseek-ai/DeepSeek-V3": "fp8"}
OLD_DAYS = 31  # of a tco result: a month of traffic has gone by


@dataclass(frozen=True)
class Planned:
    """All that the report tells."""

    needs: ModelNeeds
    mode: str
    replicas: int  # instances
    asked: Asked
    chosen: Fit
    all_fits: Sequence[Fit]
    standing: list[Line]
    parts: list[Part]
    start_max_s: int | None  # what to give the module
    volume_size_gb: int  # the same
    on: date
    reserved: bool


def plan_report(planned: Planned, *, started_at: datetime, finished_at: datetime) -> Report:
    low, high = bounds_s(planned.parts)
    standing = total_of(planned.standing)
    serving = serving_usd(planned.chosen.instance.name, planned.replicas, planned.on)
    return Report(
        kind="infra-plan",
        id=report_id("infra-plan", started_at),
        started_at=started_at,
        finished_at=finished_at,
        tool_version=__version__,
        title=f"A fallback for {planned.needs.name} in {planned.needs.precision}, {planned.mode}",
        verdict=verdict(planned),
        system={"model": planned.needs.name, "mode": planned.mode, "instance_type": planned.chosen.instance.name},
        summary=list(_summary(planned, standing, serving)),
        metrics=[
            Metric("fallback_standby_monthly_usd", standing),
            Metric("fallback_serving_monthly_usd", serving[0] if serving else None),
            Metric(
                "fallback_recovery_s",
                (low + high) / 2 if planned.parts else None,
                interval=Interval(low, high) if planned.parts else None,
            ),
        ],
        findings=list(_findings(planned)),
        tables=[_asked(planned), _instances(planned), _spot(planned), _standing(planned), _recovery(planned)],
        sources=list(_sources(planned)),
        not_covered=[
            "The time until AWS has an instance to give, which has no upper bound without reserved capacity.",
            "Traffic: load balancer units, NAT gigabytes, transfer between zones, logs, requests to S3.",
            "Savings plans and reserved prices; other regions than us-east-1.",
        ],
    )


def verdict(planned: Planned) -> Verdict | None:
    """Only of a plan that cannot be deployed."""
    if planned.start_max_s is not None:
        return None
    because = "it cannot be deployed: a start may take longer than a launch hook waits"
    return Verdict("FAIL", because, exit_code=ExitCode.FAILED)


def _summary(planned: Planned, standing: Decimal | None, serving: tuple[Decimal, Price] | None) -> Iterator[str]:
    holding = [it.instance.name for it in planned.all_fits if it.fits]
    yield (
        f"{len(holding)} instance types hold {planned.needs.weights_bytes / 1e9:,.0f} GB of weights and a context of "
        f"{planned.needs.context_tokens:,} tokens; the plan takes {planned.chosen.instance.name}."
    )
    if planned.mode == "hot":
        yield f"Standing by, with {planned.replicas} serving, costs {_usd(standing)} a month."
    else:
        more = _usd(serving[0] if serving else None)
        more = "nothing" if planned.reserved else more
        yield f"Standing by costs {_usd(standing)} a month; serving on {planned.replicas} costs {more} more."
    low, high = bounds_s(planned.parts)
    if planned.parts:
        minutes = f"{low / 60:,.0f} to {high / 60:,.0f} minutes"
        yield f"From wake-up to the first served request: {minutes}, once AWS has an instance."
    else:
        yield "Hot serves at once, as far as its instances carry the load."
    if planned.mode == "hot":
        return
    if not planned.reserved:
        yield NO_GUARANTEE
    else:
        usd = _usd(serving[0] if serving else None)
        yield f"Reserved capacity is billed on demand while it is idle too: {usd} a month, part of standing by."


def _usd(amount: Decimal | None) -> str:
    return "an unknown amount" if amount is None else f"{rounded_usd(amount)} USD"


def _findings(planned: Planned) -> Iterator[Finding]:
    if planned.start_max_s is None:
        yield Finding(
            "fail",
            "A start may take longer than a launch hook waits (7,200 s).",
            "raise volume_throughput_mib_s, or quantise the weights",
        )
    else:
        inputs = f"expected_start_max_s = {planned.start_max_s}, volume_size_gb = {planned.volume_size_gb}"
        if planned.needs.context_tokens >= LEAST_CONTEXT_TOKENS:
            inputs += f", max_model_len = {planned.needs.context_tokens}"
        yield Finding("info", f"Give the module {inputs}.", "a drill measures the start")
    published = PUBLISHED.get(planned.needs.name)
    if published not in {None, planned.needs.precision}:
        text = f"{planned.needs.name} is published in {published}, and planned in {planned.needs.precision}."
        yield Finding("warn", text, f"--precision {published}")
    yield from _tco_findings(planned)
    unpriced = [
        it.instance.name for it in planned.all_fits if it.fits and not serving_usd(it.instance.name, 1, planned.on)
    ]
    if unpriced:
        yield Finding("warn", f"Price unknown: {', '.join(unpriced)}.", "add dated rows to infra/data/prices.csv")
    unverified = sorted({line.price.item for line in planned.standing if line.price and line.price.checked_on is None})
    if unverified:
        yield Finding(
            "warn", f"Not read on the price page: {', '.join(unverified)}.", "check them before you quote them"
        )


def _tco_findings(planned: Planned) -> Iterator[Finding]:
    tco = planned.asked.tco
    if tco is None:
        return
    gpus = f"; it counts {tco.gpus}" if tco.gpus else ""
    yield Finding(
        "info",
        f"{planned.replicas} × {planned.chosen.instance.name} for the busiest time of that log{gpus}. "
        "The spares of a fleet are not part of a fallback.",
        "--replicas plans for less, or more",
    )
    age_days = (planned.on - tco.on).days
    if age_days > OLD_DAYS:
        yield Finding("warn", f"The tco result is {age_days} days old.", "run it again on a newer log")


def _asked(planned: Planned) -> Table:
    rows: list[list[Cell]] = [
        [name.replace("_", " "), figure.value, figure.source]
        for name, figure in ((name, planned.asked.figures[name]) for name in FIGURES)
    ]
    columns = [Column("figure", ""), Column("value", "value"), Column("source", "who says so")]
    return Table("asked", "What is planned for", columns, rows)


def _instances(planned: Planned) -> Table:
    return Table(
        name="instances",
        title=f"Instance types for {planned.needs.name} in {planned.needs.precision}",
        columns=[
            Column("type", "type"),
            Column("gpus", "GPUs"),
            Column("memory_gb", "GB", "gb"),
            Column("sequences", "sequences", "sequences"),
            Column("hour_usd", "USD/h", "usd"),
            Column("verdict", "holds it"),
        ],
        rows=[_instance_row(it, planned.on) for it in _shown(planned)],
        note="Sequences: of the longest context, at a time. Smaller types that do not hold it are left out.",
    )


def _shown(planned: Planned) -> list[Fit]:
    return [it for it in planned.all_fits if it.fits or it.instance.gpu_count >= 4]  # noqa: PLR2004 - a node that others would think of


def _instance_row(it: Fit, on: date) -> list[Cell]:
    serving = serving_usd(it.instance.name, 1, on)
    return [
        it.instance.name,
        f"{it.instance.gpu_count} × {it.instance.gpu}",
        round(it.instance.memory_gb),
        int(it.sequences) if it.fits else None,
        serving[1].usd if serving else None,
        f"no: {it.short}" if not it.fits else "yes" if serving else "yes; price unknown",
    ]


def _spot(planned: Planned) -> Table:
    rows: list[list[Cell]] = []
    for it in planned.all_fits:
        found = spot_range(it.instance.name, planned.on) if it.fits else None
        if found:
            low, high = found
            rows.append([it.instance.name, low.usd, low.zone, high.usd, high.zone, low.checked_on])
    titles = ("type", "from", "zone", "to", "zone", "read on")
    units = ("text", "usd", "text", "usd", "text", "text")
    columns = [Column(f"c{at}", title, unit) for at, (title, unit) in enumerate(zip(titles, units, strict=True))]
    return Table(
        "spot", "Spot, USD an hour, by zone", columns, rows, note="Spot is the first to go when everyone fails over."
    )


def _standing(planned: Planned) -> Table:
    return Table(
        name="standing",
        title="Standing by, a month",
        columns=[Column("what", ""), Column("amount", "amount", "amount"), Column("usd", "USD", "usd")],
        rows=[[line.what, line.amount, line.usd] for line in planned.standing],
        total=["all", "", total_of(planned.standing)],
    )


def _recovery(planned: Planned) -> Table:
    low, high = bounds_s(planned.parts)
    return Table(
        name="recovery",
        title="From wake-up to the first served request, s",
        columns=[Column("part", ""), Column("low", "from", "s"), Column("high", "to", "s"), Column("source", "source")],
        rows=[[part.name, round(part.low_s), round(part.high_s), part.source] for part in planned.parts],
        total=["all", round(low), round(high), ""],
    )


def _sources(planned: Planned) -> Iterator[Source]:
    yield Source("instance types", "describe_instance_types, as bundled with moto 5.2.5", date(2026, 11, 26))
    serving = serving_usd(planned.chosen.instance.name, 1, planned.on)
    tco = planned.asked.tco
    if tco:
        prices = f", GPU prices of {tco.prices_on}" if tco.prices_on else ""
        yield Source("tco", f"{tco.id}, of {tco.system.get('logs', 'unknown logs')}{prices}", tco.on)
    used = [line.price for line in planned.standing if line.price] + ([serving[1]] if serving else [])
    for row in dict.fromkeys(used):
        yield Source(row.item, f"{row.usd} USD a {row.unit}: {row.source}", row.checked_on)
    yield from _sources_of_tables(planned, used)


def _sources_of_tables(planned: Planned, told: list[Price]) -> Iterator[Source]:
    """Of the prices that only the tables show: one line for all that were read together."""
    together: dict[tuple[str, str, date | None], list[str]] = {}
    for it in _shown(planned):
        serving = serving_usd(it.instance.name, 1, planned.on)
        spot = spot_range(it.instance.name, planned.on) if it.fits else None
        for row in ([serving[1]] if serving and serving[1] not in told else []) + ([spot[0]] if spot else []):
            key = (row.commitment.replace("_", " "), row.source, row.checked_on)
            together.setdefault(key, []).append(row.item)
    for (commitment, source, on), items in together.items():
        yield Source(f"{commitment}: {', '.join(items)}", source, on)
