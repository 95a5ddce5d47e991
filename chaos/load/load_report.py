"""What a load looks like in a report: what was offered, what came back, and whether the client itself kept up."""

import errno
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from llmops import __version__
from llmops.chaos.load import latency_report as latency
from llmops.chaos.load.latency_tables import Judged, chart, tables
from llmops.chaos.load.percentiles import Sample
from llmops.chaos.load.record import CallRecord
from llmops.chaos.load.wording import counted
from llmops.errors import ExitCode
from llmops.ports import TimedCalls
from llmops.report import Column, Finding, Metric, Report, Table, Verdict, report_id

LATE_S = 0.01  # the client's own lateness that is worth a word; its loop wakes to the millisecond
OWN_FAULTS = frozenset(map(os.strerror, (errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM)))
"""What a connection fails of by the fault of the client's machine, in its words."""
HIDDEN_RATIO = 0.05  # of the time from the send, that a load which waits for answers would not have seen


@dataclass(frozen=True)
class LoadFacts:
    """A run that is over, or could not begin."""

    records: Sequence[CallRecord]
    judged: Judged
    system: Mapping[str, str]  # what was asked for; no keys
    seed: int
    calls: TimedCalls  # what was judged; with what was set aside, also of a log that was replayed
    ended_early: str = ""  # why, where it did


def load_report(facts: LoadFacts, *, started_at: datetime, finished_at: datetime) -> Report:
    """The whole report; times are UTC."""
    found, whole = facts.judged, facts.judged.analysis.whole
    return Report(
        kind="load",
        id=report_id("load", started_at),
        started_at=started_at,
        finished_at=finished_at,
        tool_version=__version__,
        title=f"Load on {facts.system['target']}",
        system=facts.system,
        seed=facts.seed,
        verdict=_verdict(facts),
        summary=list(_summary(facts)),
        metrics=[*latency.metrics(found), *_metrics(facts)],
        findings=[*_findings(facts), *latency.findings(found)],
        tables=[*tables(found, of_all=True), *_failures(facts)],
        charts=list(chart(found)),
        sources=list(latency.sources(found)) if whole.succeeded else [],
        not_covered=list(latency.not_covered(found, facts.calls)) if whole.succeeded else [],
    )


def _verdict(facts: LoadFacts) -> Verdict | None:
    whole = facts.judged.analysis.whole
    exhausted = Counter(record.transport_detail for record in facts.records if record.transport_detail in OWN_FAULTS)
    if facts.ended_early:
        return Verdict("INVALID", facts.ended_early, (), ExitCode.NO_DATA)
    if not whole.n:
        return Verdict("INVALID", "no call was due, so nothing was measured.", (), ExitCode.NO_DATA)
    for fault, count in exhausted.most_common(1):
        failed = f"the client itself failed {counted(count, 'call')}: {fault}"
        because = f"{failed}. Send less, or raise the limit of this machine."
        return Verdict("INVALID", because, (), ExitCode.NO_DATA)
    if not whole.succeeded:
        return Verdict("INVALID", f"none of {counted(whole.n, 'call')} succeeded.", (), ExitCode.NO_DATA)
    return None


# --- the answer


def _summary(facts: LoadFacts) -> Iterator[str]:
    whole = facts.judged.analysis.whole
    if not whole.n:
        return
    yield (
        f"{counted(whole.n, 'call')}, {facts.system['arrivals']}, over {facts.system['connections']}: "
        f"{whole.succeeded:,} successful."
    )
    yield from _hidden(facts)
    medians = latency.summary(facts.judged)[1:]
    yield from medians
    lag = _lag(facts)
    yield f"The client itself was {_ms(lag.mean)} late on the mean and {_ms(lag.max)} at most."


def _hidden(facts: LoadFacts) -> Iterator[str]:
    """What a load that waits for answers before it asks again would not have seen."""
    samples = facts.judged.analysis.whole.samples
    due, sent = samples["scheduled_latency"], samples["e2e"]
    if due.mean is None or sent.mean is None or due.mean - sent.mean <= HIDDEN_RATIO * sent.mean:
        return
    yield (
        f"From when they were due, calls took {due.mean:.3f} s on the mean and {due.max:.3f} s at most; from when they "
        f"were sent, {sent.mean:.3f} s and {sent.max:.3f} s. The difference is waiting, which users feel."
    )


def _ms(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.1f} ms"


# --- metrics


def _lag(facts: LoadFacts) -> Sample:
    """How late the client turned to each call: its own fault, or its machine's."""
    return Sample(max(0.0, record.dispatched_at - record.scheduled_at) for record in facts.records)


def _waits(facts: LoadFacts) -> Sample:
    """How long each call that was sent had waited for leave to use a connection."""
    sent = (record for record in facts.records if record.sent_at is not None)
    return Sample(max(0.0, (record.sent_at or 0) - record.dispatched_at) for record in sent)


def _metrics(facts: LoadFacts) -> Iterator[Metric]:
    whole, lag, waits = facts.judged.analysis.whole, _lag(facts), _waits(facts)
    p99 = lag.percentile(99)
    yield Metric("schedule_lag_p99_s", p99.value, lag.n)
    yield Metric("schedule_lag_max_s", lag.max, lag.n)
    yield Metric("connection_wait_mean_s", waits.mean, waits.n)
    yield Metric("connection_wait_max_s", waits.max, waits.n)
    offered_s, whole_s = _offered_s(facts), _whole_s(facts)
    yield Metric("offered_requests_per_second", (whole.n - 1) / offered_s if offered_s else None, whole.n)
    for name, count in (("successful_requests", whole.succeeded), ("goodput", whole.goodput.good)):
        yield Metric(f"{name}_per_second", count / whole_s if whole_s else None, whole.n)


def _offered_s(facts: LoadFacts) -> float:
    """From when the first call was due until the last was."""
    due = [record.scheduled_at for record in facts.records]
    return max(due) - min(due) if due else 0.0


def _whole_s(facts: LoadFacts) -> float:
    """From when the first call was due until the last was over."""
    if not facts.records:
        return 0.0
    return max(record.ended_at for record in facts.records) - min(record.scheduled_at for record in facts.records)


# --- what went wrong


def _findings(facts: LoadFacts) -> Iterator[Finding]:
    lag = _lag(facts)
    late = lag.percentile(99).value or (lag.max if lag.n < lag.percentile(99).needed else None)
    if late is not None and late > LATE_S:
        yield Finding(
            "warn",
            f"The client was up to {_ms(lag.max)} late by itself; what counts from when a call was due includes it.",
            "lower the rate, or send the load from several machines",
        )
    unsent = sum(record.sent_at is None and record.transport_error == "timeout" for record in facts.records)
    if unsent:
        yield Finding(
            "warn",
            f"Never sent: {counted(unsent, 'call')} that waited for a connection until the deadline.",
            "allow more --connections, or ask whether users would have waited so long",
        )


def _failures(facts: LoadFacts) -> Iterator[Table]:
    """How often each thing went wrong."""
    found = Counter(what_failed(record) for record in facts.records if not record.succeeded)
    found.pop("cancelled", None)
    if found:
        columns = [Column("what", "What failed"), Column("calls", "Calls", "requests")]
        yield Table("failures", "Failures", columns, found.most_common())


def what_failed(record: CallRecord) -> str:
    """In a few words, the first thing that was wrong with a call."""
    if record.transport_error:
        return f"{record.transport_error}: {record.transport_detail}".removesuffix(": ")
    if record.status is None or record.status >= 300:  # noqa: PLR2004 - no success from there on
        return f"HTTP {record.status} {record.error_type or ''}".strip()
    if record.error_type is not None:
        return f"an error in a {record.status}: {record.error_type}"
    if record.unreadable:
        return f"a {record.status} that is no answer"
    return "an empty answer" if record.complete else "an answer without its end"
