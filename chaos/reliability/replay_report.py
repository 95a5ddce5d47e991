"""What a replay or a watch found, as a report: two breakers side by side, and availability by two measures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from llmops import __version__
from llmops.chaos.reliability.breaker import Breach, Signal, Transition
from llmops.chaos.reliability.replay import BadSpan, Outcome, Replay
from llmops.report import Cell, Column, Finding, Metric, Report, Table, report_id

NOT_MEASURED = "not measured"
SHOWN_TRANSITIONS = 40
EPOCH_FROM_S = 1e8  # what is above it is a time of day (1973), what is below it counts from the trace's own zero
WORDS = {"three_signals": "three signals", "errors_only": "errors only"}


@dataclass(frozen=True)
class Unread:
    """Lines that were no request of the trace, by reason."""

    set_aside: "Counter[str]" = field(default_factory=Counter)
    rejected: "Counter[str]" = field(default_factory=Counter)


def replay_report(  # noqa: PLR0913 - each is given by name
    both: Replay,
    spans: Sequence[BadSpan] | None,
    *,
    kind: str,
    unread: Unread,
    system: Mapping[str, str],
    seed: int | None,
    started_at: datetime,
) -> Report:
    """`spans` None: nobody said when the provider was bad, so that delay and false trips are not measured."""
    outcomes = {"three_signals": both.three_signals.outcome(), "errors_only": both.errors_only.outcome()}
    return Report(
        kind=kind,
        id=report_id(kind, started_at),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        tool_version=__version__,
        title=f"{both.availability.requests:,} requests through two breakers",
        system=system,
        seed=seed,
        summary=list(_summary(both, outcomes, spans)),
        metrics=list(_metrics(both, outcomes, spans)),
        findings=[*_unread(unread), *_findings(both, outcomes["three_signals"], spans)],
        tables=list(_tables(both, outcomes, spans, unread)),
        not_covered=[
            "What a fallback would have answered: while a breaker is open, the trace goes on as it was recorded.",
            "Answers that nobody judged: functional availability takes them to be as good as the judged ones.",
        ],
    )


def _summary(both: Replay, outcomes: Mapping[str, Outcome], spans: Sequence[BadSpan] | None) -> Iterator[str]:
    for name, outcome in outcomes.items():
        yield f"{WORDS[name].capitalize()}: {_opened(outcome, spans)}"
    counted = both.availability
    yield f"HTTP availability {_percent(counted.http)}, functional availability {_percent(counted.functional)}."


def _opened(outcome: Outcome, spans: Sequence[BadSpan] | None) -> str:
    if not outcome.trips:
        return "stayed closed."
    delays = [one.delay_s for one in outcome.detections(spans or ()) if one.delay_s is not None]
    after = f", {delays[0]:g} s after the provider went bad" if delays else ""
    why = ", ".join(map(told, outcome.trips[0].breaches))
    times = f"{len(outcome.trips)} time{'s' * (len(outcome.trips) > 1)}"
    return f"opened {times}, first at {moment(outcome.trips[0].at_s)} ({why}){after}."


def told(breach: Breach) -> str:
    """A breach in words: `quality 0.744 under 0.782, 60 answers`."""
    word = {"errors": "at or over", "latency": "over", "quality": "surely under"}[breach.signal]
    value = f"{breach.value:.3g}" if breach.signal != "latency" else f"P95 {breach.value:.3g} s"
    return f"{breach.signal} {value} {word} {breach.limit:.3g}, {breach.samples} answers"


def moment(at_s: float) -> str:
    """A time of day as ISO, seconds of a trace as they are."""
    if at_s < EPOCH_FROM_S:
        return f"{at_s:g} s"
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _percent(ratio: float | None) -> str:
    return NOT_MEASURED if ratio is None else f"{ratio:.2%}".replace("%", " %")


def _metrics(both: Replay, outcomes: Mapping[str, Outcome], spans: Sequence[BadSpan] | None) -> Iterator[Metric]:
    counted = both.availability
    yield Metric(
        "http_availability_ratio",
        counted.http,
        n=counted.judged,
        numerator=counted.kinds[False],
        denominator=counted.judged,
    )
    yield Metric("functional_availability_ratio", counted.functional, n=counted.qualities)
    for name, outcome in outcomes.items():
        scope = {"breaker": name}
        yield Metric("breaker_openings", len(outcome.trips), n=counted.requests, scope=scope)
        yield Metric(
            "bad_answers_seen_ratio",
            outcome.bad_seen / counted.bad if counted.bad else None,
            n=counted.bad,
            scope=scope,
            numerator=outcome.bad_seen,
            denominator=counted.bad,
        )
        yield Metric("false_trips", None if spans is None else outcome.false_trips(spans), scope=scope)
        for number, one in enumerate(outcome.detections(spans or ()), start=1):
            yield Metric("detection_delay_s", one.delay_s, scope={**scope, "span": str(number)})
        if not spans:
            yield Metric("detection_delay_s", None, scope=scope)


def _unread(unread: Unread) -> Iterator[Finding]:
    if unread.rejected:
        yield Finding("warn", f"{unread.rejected.total():,} lines could not be read; see the table below.")


def _findings(both: Replay, outcome: Outcome, spans: Sequence[BadSpan] | None) -> Iterator[Finding]:
    if spans is None:
        yield Finding(
            "info",
            "Detection delay and false trips are not measured: the trace does not say when the provider was bad.",
            hint="say it to llmops chaos replay with --bad SINCE..UNTIL, or let a journal's receipts say it",
        )
    for signal, judged in outcome.judged.items():
        if signal in outcome.limits and not judged:
            yield Finding("warn", f"{signal} was never judged: {_why_not(both, outcome, signal)}.")
    if outcome.unhealthy_baseline:
        yield Finding(
            "warn",
            "The baseline could not be learned at first, because too many requests failed.",
            hint="state it with --baseline-p95 and --baseline-quality",
        )
    for number, one in enumerate(outcome.detections(spans or ()), start=1):
        if one.delay_s is None:
            why = "it was open before" if one.open_before else "it did not open"
            yield Finding("warn", f"Bad span {number} was not detected: {why}.")


def _why_not(both: Replay, outcome: Outcome, signal: Signal) -> str:
    settings = both.settings
    if not outcome.samples[signal]:
        return "the trace does not tell it"
    if outcome.limits[signal] is None:
        return "there was no baseline for it"
    least = settings.min_qualities if signal == "quality" else settings.min_samples
    return f"no window of {settings.window_s:g} s had the {least} samples that it needs"


def _tables(
    both: Replay, outcomes: Mapping[str, Outcome], spans: Sequence[BadSpan] | None, unread: Unread
) -> Iterator[Table]:
    names = [Column("figure", "Figure"), *(Column(name, WORDS[name].capitalize()) for name in outcomes)]
    yield Table("breakers", "Two breakers", names, _figures(both, list(outcomes.values()), spans))
    shown = [(name, one) for name, outcome in outcomes.items() for one in outcome.transitions]
    shown.sort(key=lambda pair: pair[1].at_s)
    if shown:
        heads = [Column("at", "At"), Column("breaker", "Breaker"), Column("state", "State"), Column("why", "Why")]
        more = len(shown) - SHOWN_TRANSITIONS
        note = f"{more:,} more are not shown." if more > 0 else ""
        yield Table("transitions", "Transitions", heads, [_row(*pair) for pair in shown[:SHOWN_TRANSITIONS]], note=note)
    if both.quality_by:
        heads = [Column("by", "Quality judged by"), Column("requests", "Requests", "requests")]
        yield Table("quality", "Where the quality comes from", heads, both.quality_by.most_common())
    counted = [("set aside", *pair) for pair in unread.set_aside.most_common()]
    counted += [("rejected", *pair) for pair in unread.rejected.most_common()]
    if counted:
        heads = [Column("what", "Lines"), Column("reason", "Reason"), Column("lines", "Count", "lines")]
        yield Table("not_read", "Lines that are no request", heads, counted)


def _row(name: str, one: Transition) -> tuple[Cell, ...]:
    return moment(one.at_s), WORDS[name], one.state.replace("_", " "), "; ".join(map(told, one.breaches))


def _figures(both: Replay, outcomes: Sequence[Outcome], spans: Sequence[BadSpan] | None) -> list[tuple[Cell, ...]]:
    bad = both.availability.bad
    rows: list[tuple[Cell, ...]] = [
        ("baseline P95", *(_normal(one, "latency", one.baseline.p95_s, " s") for one in outcomes)),
        ("baseline quality", *(_normal(one, "quality", one.baseline.quality) for one in outcomes)),
        ("openings", *(f"{len(one.trips):,}" for one in outcomes)),
        ("open for", *(f"{one.open_s:,.3g} s" for one in outcomes)),
        ("false trips", *(NOT_MEASURED if spans is None else f"{one.false_trips(spans):,}" for one in outcomes)),
    ]
    for number, span in enumerate(spans or (), start=1):
        rows.append(
            (
                f"detected, bad span {number} from {moment(span.since_s)}",
                *(_delay(one, spans or (), number) for one in outcomes),
            )
        )
    if spans is None:
        rows.append(("detected", *(NOT_MEASURED for _ in outcomes)))
    rows.append(("bad answers it could see", *(f"{one.bad_seen:,} of {bad:,}" for one in outcomes)))
    rows.append(("bad answers while it was not open", *(f"{one.bad_let_through:,}" for one in outcomes)))
    rows.append(("good answers while it was open", *(f"{one.good_held_back:,}" for one in outcomes)))
    return rows


def _delay(outcome: Outcome, spans: Sequence[BadSpan], number: int) -> str:
    found = outcome.detections(spans)[number - 1]
    if found.delay_s is not None:
        return f"after {found.delay_s:,.6g} s"
    return "it was open before" if found.open_before else "no"


def _normal(outcome: Outcome, signal: Signal, value: float | None, unit: str = "") -> str:
    if signal not in outcome.limits:
        return "not used"
    return NOT_MEASURED if value is None else f"{value:.3g}{unit}"
