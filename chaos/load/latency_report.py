"""What an analysis of latencies says in a report: the answer, metrics, findings, what is not covered."""

from collections.abc import Iterator, Mapping

from llmops.chaos.intervals import wilson
from llmops.chaos.load.latency_tables import IN_WORDS, PERCENTS, Judged, ratio
from llmops.chaos.load.percentiles import LEVEL
from llmops.chaos.load.perception import reading_source
from llmops.chaos.load.ttft import MEASURES, Analysis, Group, Paradox
from llmops.chaos.load.wording import counted, in_seconds
from llmops.ports import TimedCalls
from llmops.report import Finding, Interval, Metric, Source

SHOWN_PARADOXES = 3
CHOOSE = "choose by TTFT where people read along, by the total where programs wait"


def summary(judged: Judged) -> list[str]:
    """Who is first, or what it is where there is only one."""
    analysis = judged.analysis
    whole = analysis.whole
    said = [f"{counted(whole.n, 'call')}, {whole.succeeded:,} of them successful."]
    if judged.has_groups:
        return [*said, *filter(None, (_first_by("ttft", analysis), _first_by("e2e", analysis)))]
    known = [f"{IN_WORDS[name]} {_s(whole, name)}" for name in MEASURES if whole.p50(name).value is not None]
    return [*said, *([f"Medians: {', '.join(known)}."] if known else [])]


def _first_by(measure: str, analysis: Analysis) -> str:
    known = [group for group in analysis.groups if group.p50(measure).value is not None]
    if len(known) < 2:  # noqa: PLR2004 - nobody to be before
        return ""
    best, second, *others = sorted(known, key=lambda group: group.p50(measure).value or 0)
    last = others[-1] if others else second
    noise = "" if best.p50(measure).is_below(second.p50(measure)) else f" (within the noise of {second.name})"
    first_s, last_s = _told_apart(best.p50(measure).value or 0, last.p50(measure).value or 0)
    if first_s == last_s:
        return f"By median {IN_WORDS[measure]}, all {len(known)} are the same with {first_s}."
    return (
        f"By median {IN_WORDS[measure]}, {best.name} is first of {len(known)} with {first_s}{noise}, "
        f"{last.name} last with {last_s}."
    )


def _told_apart(*values_s: float) -> tuple[str, ...]:
    """In as many digits as show that they differ, down to a microsecond."""
    shown = (tuple(in_seconds(value_s, decimals) for value_s in values_s) for decimals in (3, 4, 5, 6))
    found = list(shown)
    return next((each for each in found if len(set(each)) > 1), found[0])


# --- metrics


def metrics(judged: Judged) -> Iterator[Metric]:
    """Of all calls and of each group, as far as anybody measured it."""
    whole = judged.analysis.whole
    measured = [name for name in MEASURES if whole.samples[name].n or name in {"ttft", "e2e"}]
    for group in [whole, *judged.analysis.groups]:
        yield Metric("requests", group.n, scope=group.scope)
        yield _ratio_metric("failed_requests_ratio", (group.n - group.succeeded, group.n), group.scope)
        for name in measured:
            yield from _percentile_metrics(name, group)
        yield _ratio_metric("goodput_ratio", group.goodput.of_all, group.scope)
        yield _ratio_metric("goodput_of_successful_ratio", group.goodput.of_successful, group.scope)
        total = sum(group.in_bands.values())
        for band, count in group.in_bands.items():
            yield _ratio_metric("waits_in_band_ratio", (count, total), {**group.scope, "band": band})
    if judged.has_groups:
        yield Metric("ttft_paradox_pairs", len(judged.analysis.paradoxes))


def _percentile_metrics(name: str, group: Group) -> Iterator[Metric]:
    sample = group.samples[name]
    for percent in PERCENTS:
        one = sample.percentile(percent)
        interval = None if one.value is None else Interval(one.low, one.high, LEVEL)
        yield Metric(f"{name}_p{percent}_s", one.value, one.n, interval, group.scope)
    if name in {"e2e", "scheduled_latency"}:
        yield Metric(f"{name}_mean_s", sample.mean, sample.n, scope=group.scope)
        yield Metric(f"{name}_max_s", sample.max, sample.n, scope=group.scope)


def _ratio_metric(name: str, part_of: tuple[int, int], scope: Mapping[str, str]) -> Metric:
    part, whole = part_of
    interval = Interval(*wilson(part, whole), LEVEL) if whole else None
    return Metric(name, ratio(part_of), whole, interval, scope, part, whole)


# --- what to know


def findings(judged: Judged) -> Iterator[Finding]:
    """What the figures hide."""
    analysis = judged.analysis
    whole = analysis.whole
    for number, pair in enumerate(analysis.paradoxes[:SHOWN_PARADOXES]):
        yield _paradox(pair, hint=_length_hint(pair) if number else f"{CHOOSE}; {_length_hint(pair)}")
    more = len(analysis.paradoxes) - SHOWN_PARADOXES
    if more > 0:
        yield Finding("warn", f"{more} more pairs whose ranking by TTFT and by total time disagree.")
    if analysis.undecided:
        pairs = "1 pair is" if analysis.undecided == 1 else f"{analysis.undecided} pairs are"
        yield Finding(
            "info", f"{pairs} ranked otherwise by TTFT than in total, within the noise.", "measure more calls"
        )
    failed = whole.n - whole.succeeded
    if failed:
        of_those = "; the percentiles are of those that succeeded" if whole.succeeded else ""
        yield Finding("warn", f"{failed:,} of {counted(whole.n, 'call')} failed{of_those}.")
    if whole.goodput.unknown:
        yield Finding(
            "warn",
            f"Of {counted(whole.goodput.unknown, 'successful call')} it is unknown whether they were good: they are in "
            "neither ratio.",
            _unknown_hint(whole),
        )


def _unknown_hint(whole: Group) -> str:
    """What would make it known: only what is missing."""
    untimed, uncounted = (sample.n < whole.succeeded for sample in (whole.samples["ttft"], whole.visible_tokens))
    needed = ["record their first tokens (stream them)"] * untimed + ["have their output tokens counted"] * uncounted
    return ", and ".join(needed)


def _paradox(pair: Paradox, hint: str) -> Finding:
    first, whole = pair.first, pair.whole
    words = (
        f"{first.name} feels faster and {whole.name} is done sooner: TTFT {_s(first, 'ttft')} against "
        f"{_s(whole, 'ttft')}, in total {_s(first, 'e2e')} against {_s(whole, 'e2e')}."
    )
    return Finding("warn", words, hint)


def _s(group: Group, measure: str) -> str:
    return in_seconds(group.p50(measure).value or 0)


def _length_hint(pair: Paradox) -> str:
    tokens = [group.visible_tokens.percentile(50).value for group in (pair.first, pair.whole)]
    said = " and ".join("unknown" if value is None else f"{value:,.0f}" for value in tokens)
    return f"median answers: {said} tokens"


def sources(judged: Judged) -> Iterator[Source]:
    bands = judged.bands
    yield Source(f"bands {bands.name!r}", f"{bands.source} [{bands.label}]", bands.checked)
    if judged.has_groups:
        yield Source("reading speed", reading_source(), bands.checked)


def not_covered(judged: Judged, calls: TimedCalls) -> Iterator[str]:
    """What was left out, and what nobody measured."""
    for reason, count in calls.set_aside.items():
        yield f"{counted(count, 'row')} set aside: {reason}."
    whole = judged.analysis.whole
    if calls.unjudged:
        yield f"Failures of {counted(calls.unjudged, 'call')}: the log does not tell them; all are taken for successes."
    if calls.unstreamed:
        yield f"TTFT of {counted(calls.unstreamed, 'call')} with the first token logged at the end: not streamed."
    missing = whole.succeeded - whole.samples["ttft"].n - calls.unstreamed
    if missing > 0:
        yield f"TTFT of {counted(missing, 'successful call')}: not streamed, or the first token is not recorded."
    if not whole.samples["itl"].n:
        yield "ITL: the times of single pieces are not recorded."
    if not whole.samples["scheduled_latency"].n:
        yield "Coordinated omission: when the calls were due is not recorded, so waits before the send are not seen."
