"""A breaker of the classic kind: opens after failures in a row, and lets one request look whether it is well again."""

from collections.abc import Callable


class Breaker:
    """Of one provider. With a cooldown of 0 it never opens, and with an infinite one it never closes."""

    def __init__(self, failures: int, cooldown_s: float, clock: Callable[[], float]) -> None:
        self._limit, self._cooldown_s, self._clock = failures, cooldown_s, clock
        self._failed = 0  # in a row
        self._opened_at: float | None = None
        self._looking = False  # one request is under way to see whether the provider is well again

    @property
    def state(self) -> str:
        """closed, open or half_open."""
        if self._opened_at is None:
            return "closed"
        return "half_open" if self._clock() >= self._opened_at + self._cooldown_s else "open"

    def allows(self) -> bool:
        """Whether a request may go to the provider now; while half open, one may."""
        if self.state == "half_open" and not self._looking:
            self._looking = True
            return True
        return self.state == "closed"

    def succeeded(self) -> None:
        """An attempt was answered."""
        self._failed, self._opened_at, self._looking = 0, None, False

    def failed(self) -> None:
        """An attempt failed for the provider's own reasons."""
        self._failed += 1
        self._looking = False
        if self._cooldown_s and (self._failed >= self._limit or self._opened_at is not None):
            self._opened_at = self._clock()

    def cancelled(self) -> None:
        """The caller hung up: it is not known what would have come."""
        self._looking = False
