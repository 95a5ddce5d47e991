"""An analysis of latencies as tables and a chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from llmops.chaos.load.percentiles import Estimate, Sample
from llmops.chaos.load.perception import Bands, reading_tokens_per_second
from llmops.chaos.load.ttft import MEASURES, Analysis, Group, Slo
from llmops.report import Bar, Cell, Chart, Column, Table

PERCENTS = (50, 95, 99)
TOO_FEW = "too few"
METHOD = (
    "Percentiles: linear interpolation between order statistics; 95 % intervals from order statistics (binomial), for "
    "independent calls. A p95 needs 20 calls, a p99 100; an interval without an upper end needs more."
)
IN_WORDS = {
    "ttft": "TTFT",
    "itl": "ITL",
    "tpot": "TPOT",
    "e2e": "E2E",
    "scheduled_ttft": "TTFT from when due",
    "scheduled_latency": "E2E from when due",
}
DEFINITIONS = (
    "TTFT: to the first visible token (not of reasoning), from the send. ITL: gaps between visible pieces. "
    "TPOT: (E2E - TTFT) / (n - 1), n visible tokens. E2E: to the end, from the send. Successful calls only."
)


@dataclass(frozen=True)
class Judged:
    """An analysis, and by what it judges."""

    analysis: Analysis
    slo: Slo
    bands: Bands

    @property
    def has_groups(self) -> bool:
        return bool(self.analysis.groups)


def tables(judged: Judged, *, of_all: bool) -> Iterator[Table]:
    """The figures of all calls together (where `of_all` says so, or they are one group), then of each group."""
    found = list(_tables(judged, of_all=of_all or not judged.has_groups))
    if found:
        first, *others = found
        yield replace(first, note=f"{DEFINITIONS} {METHOD}")
        yield from others


def _tables(judged: Judged, *, of_all: bool) -> Iterator[Table]:
    shown = judged.analysis.shown
    if of_all and judged.analysis.whole.succeeded:
        yield _measures(judged.analysis.whole)
    if judged.has_groups:
        yield _first_tokens(judged)
        yield _totals(judged)
    if any(group.goodput.of_all[1] for group in shown):
        yield _goodput(judged)
    if any(sum(group.in_bands.values()) for group in shown):
        yield _waits(judged)


def _measures(group: Group) -> Table:
    """All measures of one group."""
    columns = [
        Column("measure", "Measure"), Column("calls", "n", "requests"),
        Column("p50_s", "p50 s", "s"), Column("interval", "95 % of p50"),
        *(Column(f"{name}_s", f"{name} s", "s") for name in ("p95", "p99", "max")),
    ]  # fmt: skip
    rows = [_measure(IN_WORDS[name], group.samples[name]) for name in MEASURES if group.samples[name].n]
    return Table("latency", "Latency", columns, rows)


def _measure(name: str, sample: Sample) -> list[Cell]:
    found = [sample.percentile(percent) for percent in PERCENTS]
    p50, p95, p99 = map(_cell, found)
    return [name, sample.n, p50, _interval(found[0]), p95, p99, sample.max]


def _cell(estimate: Estimate) -> Cell:
    return TOO_FEW if estimate.value is None else estimate.value


def _interval(one: Estimate) -> str:
    if one.value is None:
        return ""
    if one.low is None and one.high is None:
        return TOO_FEW
    if one.low is None:
        return f"up to {one.high:.3g}"
    return f"from {one.low:.3g}" if one.high is None else f"{one.low:.3g} to {one.high:.3g}"


def _dimensions(judged: Judged) -> list[Column]:
    """A column a dimension that tells the groups apart."""
    return [Column(name, name.capitalize()) for name in judged.analysis.shown[0].scope] or [Column("calls", "Calls")]


def _labels(group: Group) -> list[Cell]:
    return list(group.scope.values()) or [group.name]


def _first_tokens(judged: Judged) -> Table:
    columns = [
        *_dimensions(judged), Column("calls", "n", "requests"), Column("p50_s", "p50 s", "s"),
        Column("interval", "95 % of p50"), Column("p95_s", "p95 s", "s"), Column("p99_s", "p99 s", "s"),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for group in judged.analysis.groups:
        sample = group.samples["ttft"]
        p50, p95, p99 = (sample.percentile(percent) for percent in PERCENTS)
        rows.append([*_labels(group), sample.n, _cell(p50), _interval(p50), _cell(p95), _cell(p99)])
    return Table("ttft", "Time to the first token", columns, rows)


def _totals(judged: Judged) -> Table:
    groups = judged.analysis.groups
    scheduled = any(group.samples["scheduled_latency"].n for group in groups)
    columns = [
        *_dimensions(judged), Column("tokens", "Tokens", "tokens"), Column("e2e_p50_s", "E2E p50 s", "s"),
        *([Column("scheduled_latency_p50_s", "from due s", "s")] if scheduled else []),
        Column("tpot_p50_s", "TPOT p50 s", "s"), Column("ttft_rank", "TTFT rank", "rank"),
        Column("e2e_rank", "E2E rank", "rank"),
    ]  # fmt: skip
    ranks = {measure: _ranks(groups, measure) for measure in ("ttft", "e2e")}
    rows = [
        [
            *_labels(group), group.visible_tokens.percentile(50).value, _cell(group.p50("e2e")),
            *([_cell(group.p50("scheduled_latency"))] if scheduled else []),
            _cell(group.p50("tpot")), ranks["ttft"][at], ranks["e2e"][at],
        ]
        for at, group in enumerate(groups)
    ]  # fmt: skip
    note = f"Tokens and times are medians. People read about {reading_tokens_per_second():.1f} tokens a second."
    return Table("totals", "In total", columns, rows, note=note)


def _ranks(groups: Sequence[Group], measure: str) -> list[int | None]:
    """From 1, by the median; None where there is none."""
    medians = [group.p50(measure).value for group in groups]
    known = sorted(value for value in medians if value is not None)
    return [None if value is None else known.index(value) + 1 for value in medians]


def _goodput(judged: Judged) -> Table:
    columns = [
        *_dimensions(judged),
        Column("of_successful", "of the successful", "ratio"), Column("of_all", "of all", "ratio"),
        Column("failed", "failed", "requests"), Column("unknown", "unknown", "requests"),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for group in judged.analysis.shown:
        found = group.goodput
        rows.append([*_labels(group), ratio(found.of_successful), ratio(found.of_all), found.failed, found.unknown])
    return Table("goodput", f"Goodput: {slo_in_words(judged.slo)}", columns, rows)


def slo_in_words(slo: Slo) -> str:
    limits = {"TTFT": slo.ttft_s, "TPOT": slo.tpot_s, "E2E": slo.e2e_s}
    return ", ".join(f"{name} at most {limit:g} s" for name, limit in limits.items() if limit is not None) or "no limit"


def ratio(part_of: tuple[int, int]) -> float | None:
    part, whole = part_of
    return part / whole if whole else None


def _waits(judged: Judged) -> Table:
    bands = judged.bands
    ends = [f"up to {limit:g} s" for limit in bands.limits_s[1:]]
    titles = [f"< {bands.limits_s[0]:g} s", *ends, f"> {bands.limits_s[-1]:g} s"]
    columns = [*_dimensions(judged), *(Column(f"band_{at}", title, "ratio") for at, title in enumerate(titles))]
    rows: list[list[Cell]] = []
    for group in judged.analysis.shown:
        total = sum(group.in_bands.values())
        rows.append([*_labels(group), *(count / total if total else None for count in group.in_bands.values())])
    note = "; ".join(f"{title}: {name}" for title, name in zip(titles, bands.names, strict=True))
    return Table("waits", "How the wait for the first token feels", columns, rows, note=f"{note}.")


def chart(judged: Judged) -> Iterator[Chart]:
    """The medians of the time to the first token beside each other."""
    known = [(group.name, group.p50("ttft")) for group in judged.analysis.groups]
    bars = [_bar(name, one.value, one) for name, one in known if one.value is not None]
    if len(bars) > 1:
        yield Chart("ttft_p50_s", "Median time to the first token, 95 % interval", "s", bars)


def _bar(name: str, value: float, one: Estimate) -> Bar:
    """Without a range where one of its ends is open."""
    if one.low is None or one.high is None:
        return Bar(name, value)
    return Bar(name, value, one.low, one.high)
