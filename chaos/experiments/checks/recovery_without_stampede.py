"""What waited for a provider does not fall on it all at once when it is well again."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import MOST_TIMES, CheckResult, Phased, Planned, held
from llmops.chaos.experiments.evidence import Evidence, PhaseKind
from llmops.chaos.experiments.selection import phases_of, requests_of
from llmops.errors import BadInput

LEAST_REQUESTS = 10  # in the baseline and in the recovery: a busiest window of fewer is chance


@dataclass(frozen=True)
class RecoveryWithoutStampede(Phased):
    """The busiest window of the recovery has at most `times` as many attempts as the busiest window of the baseline. A
    count, not a ratio: no interval. It counts every attempt at the provider, whoever caused it.
    """

    times: float = 3.0
    window_s: float = 1.0
    provider: str = ""  # the preferred one, unless given

    kind: ClassVar[PhaseKind] = "recover"

    def __post_init__(self) -> None:
        if not 1 <= self.times <= MOST_TIMES or not self.window_s > 0:
            hint = f"times is 1 to {MOST_TIMES:g}, window_s above 0"
            raise BadInput(f"{self.times} times in {self.window_s} s", hint=hint)

    def judge(self, evidence: Evidence) -> CheckResult:
        before, after = phases_of(evidence, kind="baseline"), phases_of(evidence, self.phases, self.kind)
        n = min(len(requests_of(evidence, before)), len(requests_of(evidence, after)))
        provider = self.provider or next(iter(evidence.providers), "")
        starts = sorted(_starts(evidence, provider))
        usual = max((self._busiest(starts, phase.began_at, phase.ended_at) for phase in before), default=0)
        peak = max((self._busiest(starts, phase.began_at, phase.ended_at) for phase in after), default=0)
        if n < LEAST_REQUESTS or not usual:
            reason = f"{n} requests in baseline and recovery, and {usual} attempts at {provider or 'a provider'}"
            return CheckResult(
                "INVALID", f"{reason}: {LEAST_REQUESTS} are needed", n, unit="times", needed=LEAST_REQUESTS
            )
        word, ending = held(peak <= self.times * usual)
        shown = f"{peak} attempts in the busiest {self.window_s:g} s of the recovery, {usual} in that of the baseline"
        reason = f"{shown}: at most {self.times:g} times as many {ending}"
        return CheckResult(word, reason, n, peak / usual, self.times, unit="times")

    def least_requests(self) -> int:
        return LEAST_REQUESTS

    def unmeasurable(self, planned: Planned) -> str:
        unknown = self.provider and self.provider not in planned.providers
        return f"no provider is named {self.provider!r}" if unknown else ""

    def _busiest(self, starts: list[float], begin: float, end: float) -> int:
        """The most attempts in any window that begins with one, of those that began between two moments."""
        inside = [start for start in starts if begin <= start <= end]
        return max((bisect_right(inside, start + self.window_s) - at for at, start in enumerate(inside)), default=0)


def _starts(evidence: Evidence, provider: str) -> Iterator[float]:
    for request in evidence.requests:
        yield from (attempt.started_at for attempt in request.attempts if attempt.provider == provider)
    yield from (attempt.started_at for attempt in evidence.unattributed if attempt.provider == provider)
