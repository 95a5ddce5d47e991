"""The study of a log: its demand and its bill against the fleet that would carry it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from llmops.costmodel.bill.bill import Bill, bill_of
from llmops.costmodel.bill.compute import Period, intake_findings, intake_table
from llmops.costmodel.bill.report import price_findings
from llmops.costmodel.prices.tokens import priced
from llmops.costmodel.tco.config import SelfHostSection, TcoSection
from llmops.costmodel.tco.decision import (
    MIN_SPAN_DAYS,
    Api,
    break_even,
    decide,
    is_thin,
    too_short,
    too_thin,
    volume_flip,
)
from llmops.costmodel.tco.demand import Demand, demand_of
from llmops.costmodel.tco.hosting import (
    Hosting,
    assumption_rows,
    deployment_for,
    fleet_for,
    gpu_time_table,
)
from llmops.costmodel.tco.lines import CostLine, Range
from llmops.costmodel.tco.options.self_host import SelfHost
from llmops.costmodel.tco.options.stay import Stay
from llmops.costmodel.tco.study import Study, missing_people, sources_of, stated_api, stated_napkin, unused_lines
from llmops.costmodel.usage import sql
from llmops.errors import NoData
from llmops.money import rounded_usd
from llmops.report import Column, Finding, Source, Table, Verdict

if TYPE_CHECKING:
    from llmops.costmodel.prices.book import PriceBook
    from llmops.costmodel.usage.store import UsageLog

CATALOGUE_URL = "https://github.com/pydantic/genai-prices"
OTHER_BUCKETS_S = (1, 10, 60, 600, 3600)
FEWEST_BUCKETS = 6  # below it the busiest bucket says nothing
MOST_BUCKETS = 700_000  # a week of seconds; finer ones over a longer log take minutes


@dataclass(frozen=True)
class Question:
    """What is asked of a log."""

    section: TcoSection
    on: date  # the day of all prices
    period: Period
    bucket_s: int
    assume_repeats: bool
    gpu_price: Callable[[str, date], tuple[Range, Source]]


def study_log(log: "UsageLog", book: "PriceBook", question: Question) -> Study:
    """The whole study. NoData where nothing has a price or a time; BadInput where the model cannot be hosted so."""
    section = question.section
    demand = _demand(log, question, question.bucket_s)
    bill = _bill(log, book, question, demand.first_s)
    api_line, api = _api(bill, demand, book, question)
    hosting = _hosting(section.self_host, demand, question)
    lines = SelfHost(
        hours_per_month=section.hours_per_month,
        gpu_time=hosting.gpu_time,
        weights_gb=hosting.weights_gb,
        output_tokens_per_month=demand.output_tokens_per_month,
        ownership=section.self_host.ownership,
        stated=section.lines,
        only_stated=section.only_these_lines,
    ).lines()
    curves = hosting.curves(list(lines))
    crossing = break_even(api.usd_per_month, curves) if curves and not api.unpriced_tokens else None
    verdict = decide(api, lines)
    if crossing:
        verdict = replace(verdict, flips=[*verdict.flips, volume_flip(crossing)])
    if not question.assume_repeats:
        verdict = _as_far_as_it_goes(verdict, demand)
    return Study(
        hours_per_month=section.hours_per_month,
        api=api,
        api_line=api_line,
        lines=lines,
        hosted=_hosted(hosting),
        verdict=verdict,
        hosting=_hosting_facts(hosting, _longest_request(log, demand, question)),
        napkin=stated_napkin(section) or hosting.napkin,
        mtok_per_month=demand.mtok_per_month,
        break_even=crossing,
        demand=demand,
        utilisation=hosting.fleet.utilisation_ratio,
        gpus=hosting.fleet.gpus,
        tables=[*_tables(log, hosting, question), intake_table(log)],
        findings=[
            *_undated(log),*_findings(bill, demand, hosting, question), *missing_people(lines), *unused_lines(section),
                  *price_findings(bill), *intake_findings(log)],
        sources=[*sources_of([api_line, *lines])],
    )  # fmt: skip


def _as_far_as_it_goes(verdict: Verdict, demand: Demand) -> Verdict:
    """The verdict, unless the log is too short or too thin to stand for a month."""
    if demand.clock_days < MIN_SPAN_DAYS:
        return too_short(verdict, demand.clock_days)
    if is_thin(demand.days_with_calls, demand.clock_days):
        return too_thin(verdict, demand.days_with_calls, demand.clock_days)
    return verdict


def _bill(log: "UsageLog", book: "PriceBook", question: Question, first_s: int) -> Bill:
    """The bill of the calls that the demand is made of: those with a time."""
    period = question.period
    edges = book.edges(sql.models(log))
    sums = sql.rate_sums(log, by=("model",), edges=edges, since_s=first_s, until_s=period.until_s, use_day=False)
    if not sums:
        raise NoData("no call of the log falls into that period", hint="check --since and --until")
    return bill_of(priced(sums, book, question.on), ("model",), {})


def _demand(log: "UsageLog", question: Question, bucket_s: int) -> Demand:
    period, hours = question.period, question.section.hours_per_month
    return demand_of(log, bucket_s=bucket_s, hours_per_month=hours, since_s=period.since_s, until_s=period.until_s)


def _api(bill: Bill, demand: Demand, book: "PriceBook", question: Question) -> tuple[CostLine, Api]:
    """The API's cost a month: as stated, else the log's catalogue cost (after discounts) scaled to a month."""
    stated = stated_api(question.section)
    if stated is not None:
        source = Source("api", "llmops.yaml (stated, not measured)")
        return Stay(stated, "stated", source, "as stated").lines()[0], Api(stated)
    whole = bill.whole
    if whole.nothing_priced:
        raise NoData("no token of the log has a price", hint=_price_hint(bill))
    scale = demand.month_scale
    with_apart = (whole.net_usd + whole.apart_standard_usd) * scale
    usd = Range(whole.net_usd * scale, with_apart, with_apart)
    formula = f"{_models(bill)}: {whole.net_usd:.2f} USD in {_span(demand)} of log × {scale:.4g}"
    source = Source("api", f"{book.version}, prices of {question.on}", question.on, CATALOGUE_URL)
    return Stay(usd, "measured", source, formula).lines()[0], Api(usd, whole.unpriced_tokens)


def _price_hint(bill: Bill) -> str:
    names = [str(group[0]) for group in bill.groups if group[0]]
    if names:
        return f"the log names {', '.join(names[:3])}: state a price in llmops.yaml"
    return "the log names no model: say which API it would be with --model, such as openai:gpt-5"


def _models(bill: Bill) -> str:
    matched = dict.fromkeys(one.rates.match.name for one in bill.priced if one.rates)
    return ", ".join(matched)


def _span(demand: Demand) -> str:
    return f"{demand.span_days:.1f} days" if demand.span_days >= 1 else f"{demand.span_s / 60:.0f} min"


def _hosting(section: SelfHostSection, demand: Demand, question: Question) -> Hosting:
    deployment = deployment_for(section, demand)
    if section.usd_per_gpu_hour is not None:
        price, source = section.usd_per_gpu_hour.range, Source("gpus", "llmops.yaml (stated, not measured)")
    else:
        price, source = question.gpu_price(deployment.gpu.name, question.on)
    fleet = fleet_for(section, demand, deployment)
    return Hosting(
        fleet=fleet,
        usd_per_gpu_hour=price,
        price_source=source,
        stated_price=section.usd_per_gpu_hour is not None,
        hours_per_month=question.section.hours_per_month,
        headroom_ratio=section.headroom_ratio,
        stated_gpus=section.gpus.range if section.gpus else None,
        gpu_line_stated="gpus" in question.section.lines,
    )


def _hosted(hosting: Hosting) -> str:
    deployment, gpus = hosting.fleet.deployment, hosting.fleet.gpus
    high = "no bound" if gpus.high is None else f"{gpus.high:,}"
    spread = "" if gpus.low == gpus.high else f"{gpus.low:,} to {high}, "
    return (
        f"{deployment.model.name} in {deployment.precision.name} on {gpus.typical:,} × {deployment.gpu.full_name} "
        f"({spread}{deployment.tensor_parallel} a replica, {hosting.fleet.spare_replicas} spare)"
    )


def _longest_request(log: "UsageLog", demand: Demand, question: Question) -> int | None:
    return sql.longest_request_tokens(log, since_s=demand.first_s, until_s=question.period.until_s)


def _hosting_facts(hosting: Hosting, longest_request_tokens: int | None) -> dict[str, str]:
    """What a fallback is planned from; what is not known is left out, as the replicas where GPUs were only stated."""
    fleet = hosting.fleet
    facts: dict[str, str | int | None] = {
        "hosted_model": fleet.deployment.model.hf_id,
        "hosted_precision": fleet.deployment.precision.name,
        "hosted_gpu": fleet.deployment.gpu.name,
        "hosted_gpus_a_replica": fleet.deployment.tensor_parallel,
        "hosted_replicas": fleet.replicas.typical - fleet.spare_replicas if hosting.stated_gpus is None else None,
        "longest_request_tokens": longest_request_tokens,
    }
    return {name: str(fact) for name, fact in facts.items() if fact is not None}


def _tables(log: "UsageLog", hosting: Hosting, question: Question) -> Iterator[Table]:
    yield gpu_time_table(hosting)
    yield _buckets_table(log, hosting, question)
    columns = [Column("what", "assumed"), Column("value", "value"), Column("source", "who says so")]
    yield Table("assumptions", "What the estimate of capacity assumes", columns, list(assumption_rows(hosting.fleet)))


def _buckets_table(log: "UsageLog", hosting: Hosting, question: Question) -> Table:
    columns = [
        Column("bucket", "bucket"),
        Column("peak", "peak requests/s", "per_second"),
        Column("utilisation", "used if sized for it", "ratio"),
        Column("gpus_low", "GPUs, low", "gpus"),
        Column("gpus", "typical", "gpus"),
        Column("gpus_high", "high", "gpus"),
    ]
    rows = [_bucket_row(_demand(log, question, size), hosting, question) for size in _bucket_sizes(log, question)]
    note = "Finer buckets see higher peaks; a queue evens out those shorter than your users will wait."
    return Table("buckets", "How the bucket moves the answer", columns, rows, note=note)


def _bucket_sizes(log: "UsageLog", question: Question) -> Sequence[int]:
    span = sql.time_span(log, since_s=question.period.since_s, until_s=question.period.until_s)
    seconds = span[1] - span[0] + 1 if span else 0
    fitting = [size for size in OTHER_BUCKETS_S if FEWEST_BUCKETS * size <= seconds <= MOST_BUCKETS * size]
    return sorted({question.bucket_s, *fitting})


def _bucket_row(demand: Demand, hosting: Hosting, question: Question) -> tuple[str | float | int | None, ...]:
    fleet = fleet_for(question.section.self_host, demand, hosting.fleet.deployment)
    gpus = fleet.gpus
    mark = " (used here)" if demand.bucket_s == question.bucket_s else ""
    bucket = f"{demand.bucket_s:,} s{mark}"
    return bucket, demand.peak_requests_per_second, demand.peak_utilisation, gpus.low, gpus.typical, gpus.high


def _undated(log: "UsageLog") -> list[Finding]:
    count = sql.rows_without_time(log)
    return (
        [Finding("warn", f"{count:,} rows have no time and are left out, of the bill as of the demand.")]
        if count
        else []
    )


def _findings(bill: Bill, demand: Demand, hosting: Hosting, question: Question) -> Iterator[Finding]:
    fleet = hosting.fleet
    yield Finding(
        "info",
        f"the fleet would be {fleet.utilisation_ratio.typical:.1%} busy ({fleet.utilisation_ratio.low:.1%} to "
        f"{fleet.utilisation_ratio.high:.1%}), from the log's {demand.bucket_s} s buckets; it is limited by "
        f"{' and '.join(fleet.limits)}.",
    )
    yield Finding("info", f"a month is taken as {demand.month_scale:.4g} times the log ({_span(demand)}).")
    if fleet.gpus.high is None:
        yield Finding("warn", "at the slow end of what was measured, no number of GPUs keeps the time per token.",
                      "loosen tco.self_host.tpot_slo_s, or choose a faster GPU")  # fmt: skip
    if hosting.stated_gpus is not None or hosting.gpu_line_stated:
        yield Finding("info", "the GPUs are the stated ones; the fleet sized from the log stands beside them.")
    if question.section.mtok_per_month is not None:
        yield Finding("info", "tco.mtok_per_month is not used: the log measures the volume.")
    if question.section.api_usd_per_month is not None:
        usd = rounded_usd(bill.whole.net_usd * demand.month_scale)
        yield Finding(
            "warn", f"the API bill is the stated one; by the log's catalogue cost it would be {usd} USD a month."
        )
