"""`llmops chaos replay`: a recorded trace through a circuit breaker."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.chaos.cli.breaker_options import BreakerOptions, with_breaker_options
from llmops.cli_options import FormatOption, OutOption, check_format, finish, refuse_overwriting
from llmops.errors import BadInput, NoData

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmops.chaos.reliability.replay import BadSpan
    from llmops.chaos.reliability.trace import Trace

LEAST_EPOCH_S = 1e8  # 1973: a larger number is no time since the beginning of a trace


@with_breaker_options
def replay(
    trace: Annotated[
        str,
        typer.Argument(
            metavar="TRACE", help="A proxy's journal, or CSV or JSON lines of at, status, latency_s, quality."
        ),
    ],
    bad: Annotated[
        list[str] | None,
        typer.Option(
            "--bad", metavar="SINCE..UNTIL", help="When the provider was bad; receipts of a journal say it too."
        ),
    ] = None,
    receipts: Annotated[
        str | None,
        typer.Option(
            "--receipts", metavar="FILE", help="The journal of another proxy, whose receipts say when it was bad."
        ),
    ] = None,
    *,
    breaker: BreakerOptions,
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """A recorded trace through a breaker of three signals beside an errors-only one: delay, false trips, availability.

    Example: llmops chaos replay trace.csv --bad 300..600
    """
    from llmops.chaos.reliability.quality import Sampler
    from llmops.chaos.reliability.replay import replay as through_breakers
    from llmops.chaos.reliability.replay_report import Unread, replay_report
    from llmops.live import waiting

    started_at = datetime.now(UTC)
    check_format(output_format)
    refuse_overwriting(out, [trace, receipts])
    settings, baseline = breaker.settings(), breaker.baseline()
    read = _read(trace, receipts, breaker)
    spans = _spans(bad, read, settings.window_s)
    if bad:
        _refuse_outside(bad, spans or [], read)
    sampler = Sampler(breaker.sample, breaker.seed, {})
    with waiting("replaying"):
        both = through_breakers(
            read.requests, settings, baseline, sampled=lambda number: sampler.sampled(f"request {number}")
        )
    report = replay_report(
        both,
        spans,
        kind="replay",
        unread=Unread(read.set_aside, read.rejected),
        system=_system(trace, breaker),
        seed=breaker.seed if breaker.sample < 1 else None,
        started_at=started_at,
    )
    finish(report, output_format, out)


def _read(trace: str, receipts: str | None, breaker: BreakerOptions) -> "Trace":
    """The requests of one provider, with all their qualities: which of them the breaker knows is diced later."""
    from llmops.chaos.reliability.recorded import lines_of
    from llmops.chaos.reliability.trace import read_trace
    from llmops.live import waiting

    reading = breaker.reading(sample=1.0)
    with waiting("reading the trace"):
        read = read_trace(lines_of(trace), reading)
    if not read.requests:
        raise NoData(f"{trace} has no request in it", hint=_why(read))
    _refuse_several(read)
    if receipts is not None:
        read.fault_times += read_trace(lines_of(receipts), reading).fault_times
    return read


def _system(trace: str, breaker: BreakerOptions) -> dict[str, str]:
    provider = {"provider": breaker.provider} if breaker.provider else {}
    return {"trace": trace, **provider, "sample": f"{breaker.sample:g}"}


def _why(read: "Trace") -> str:
    counts = [*read.rejected.most_common(2), *read.set_aside.most_common(2)]
    return "; ".join(f"{count:,} lines: {reason}" for reason, count in counts) or "it is empty"


def _refuse_several(read: "Trace") -> None:
    if len(read.providers) > 1:
        raise BadInput(
            f"the trace has requests to {', '.join(read.providers)}, and a breaker is of one provider",
            hint=f"give --provider {read.providers[0]}",
        )


def _spans(bad: list[str] | None, read: "Trace", window_s: float) -> "list[BadSpan] | None":
    """When the provider was bad, as stated, else as the receipts of the journal tell."""
    from llmops.chaos.reliability.replay import spans_of

    if bad:
        return [_span(text, window_s) for text in bad]
    if read.fault_times:
        return list(spans_of(read.fault_times, apart_s=window_s, grace_s=window_s))
    return None


def _refuse_outside(bad: list[str], spans: "Sequence[BadSpan]", read: "Trace") -> None:
    """Where nothing was recorded nothing could be detected: another clock, or another trace."""
    begins = min(request.at_s for request in read.requests)
    ends = max(request.known_at_s for request in read.requests)
    for text, span in zip(bad, spans, strict=True):
        if span.until_s < begins or span.since_s > ends:
            hint = f"it goes from {_shown(begins)} to {_shown(ends)}"
            raise BadInput(f"--bad {text} is outside of the trace", hint=hint)


def _shown(at_s: float) -> str:
    """As `--bad` takes it: seconds of a trace with a clock of its own, or a time."""
    if at_s < LEAST_EPOCH_S:
        return f"{at_s:.6g}"
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _span(text: str, window_s: float) -> "BadSpan":
    from llmops.chaos.reliability.replay import BadSpan
    from llmops.chaos.reliability.trace import seconds

    since, dots, until = text.partition("..")
    try:
        first, last = seconds(since), seconds(until) if until else float("inf")
    except ValueError as error:
        raise BadInput(
            f"--bad {text!r}: {error}", hint="write it as 300..600, or with times such as 2026-11-25T10:00Z"
        ) from error
    if not dots or last < first:
        raise BadInput(f"--bad {text!r} is no stretch of time", hint="write it as 300..600; the end may be left out")
    return BadSpan(first, last, window_s)
