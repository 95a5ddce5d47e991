"""How fast callers' failures use up the error budget, and whether that is more than the plan expects.

Burn rate = failed ratio / (1 - target): at 1 the budget lasts its window. After "The Site Reliability Workbook",
chapter 5 (sre.google/workbook/alerting-on-slos): 1 % failed of a target of 99.9 % burns ten times too fast.
"""

from collections import deque
from dataclasses import dataclass

from llmops.chaos.gameday.schema import Gameday
from llmops.chaos.intervals import wilson

DAY_S = 86_400


@dataclass(frozen=True)
class Burn:
    """The burn of a phase's last requests."""

    failed: int
    requests: int
    target_ratio: float
    window_days: float
    expected_rate: float | None = None  # None: the plan expects none of this phase
    factor: float | None = None  # of the expected rate, over which the run stops

    @property
    def rate(self) -> float | None:
        """None before the first request."""
        return self.failed / self.requests / (1 - self.target_ratio) if self.requests else None

    @property
    def sure_rate(self) -> float:
        """The rate that it is at least, with 95 % confidence (Wilson, two-sided)."""
        return wilson(self.failed, self.requests)[0] / (1 - self.target_ratio) if self.requests else 0.0

    @property
    def budget_lasts_s(self) -> float | None:
        """How long the whole budget of a window would last at this rate; None where nothing burns."""
        return self.window_days * DAY_S / self.rate if self.rate else None

    @property
    def too_fast(self) -> str:
        """Why the run must stop; empty: it may go on."""
        if self.expected_rate is None or self.factor is None or self.sure_rate <= self.factor * self.expected_rate:
            return ""
        return (
            f"{self.failed} of the last {self.requests} requests failed: the error budget burns surely over "
            f"{self.sure_rate:.3g} times its rate, and the run stops over {self.factor:g} times the expected "
            f"{self.expected_rate:.3g}"
        )


class BurnMeter:
    """Over the last requests of a phase, as many as the plan's abort conditions look at."""

    def __init__(self, gameday: Gameday, phase: str) -> None:
        safety = gameday.safety
        self._budget, self._factor = safety.error_budget, safety.abort_when.burn_over_expected
        self._expected = self._budget.expected_burn(phase)
        self._last: deque[bool] = deque(maxlen=safety.abort_when.over_requests)

    def saw(self, *, success: bool) -> None:
        self._last.append(not success)

    @property
    def burn(self) -> Burn:
        budget = self._budget
        return Burn(
            sum(self._last), len(self._last), budget.target_ratio, budget.window_days, self._expected, self._factor
        )

    @property
    def too_fast(self) -> str:
        """Empty too until there are as many requests as it looks at."""
        return self.burn.too_fast if len(self._last) == self._last.maxlen else ""
