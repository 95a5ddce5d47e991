"""What stops a run: too few functional successes among the last requests of an injection."""

from collections import deque
from collections.abc import Sequence

from llmops.chaos.experiments.schema import Abort


class Watch:
    """Sees each answer of a phase as it comes, and says when a condition holds."""

    def __init__(self, conditions: Sequence[Abort]) -> None:
        self._last = [(condition, deque[bool](maxlen=condition.over_requests)) for condition in conditions]

    def saw(self, *, success: bool) -> str:
        """Why the run must stop; empty: it may go on."""
        for condition, last in self._last:
            last.append(success)
            good = sum(last)
            if len(last) == condition.over_requests and good < condition.functional_success_below * len(last):
                limit = condition.functional_success_below
                return f"{good} of the last {len(last)} requests succeeded, and the run stops below {limit:g}"
        return ""
