"""Leases: every fault ends by itself when nobody renews it."""

from collections.abc import Callable
from dataclasses import dataclass

from llmops.chaos.proxy.journal import Journal
from llmops.errors import BadInput

DEFAULT_LEASE_S = 600.0


def check_ttl(ttl_s: float | None) -> None:
    """BadInput for a time to live that is none: a NaN would never end."""
    if ttl_s is not None and not 0 < ttl_s < float("inf"):
        raise BadInput(f"a lease of {ttl_s} s is none", hint="give seconds above 0, such as 60")


@dataclass
class Lease:
    """How long one thing may go on; `ttl_s` None is for ever, and was asked for in so many words."""

    of: str
    ttl_s: float | None
    expires_s: float  # on the clock of its Leases
    on_expiry: Callable[[], object]


class Leases:
    """All leases of a proxy. The clock is passed in; somebody calls `expire` at `next_expiry_s`."""

    def __init__(
        self, clock: Callable[[], float], journal: Journal, *, default_s: float | None = DEFAULT_LEASE_S
    ) -> None:
        self._clock = clock
        self._journal = journal
        self.default_s = default_s
        self._leases: dict[str, Lease] = {}
        self.on_change: Callable[[], None] = lambda: None

    def grant(self, of: str, ttl_s: float | None, on_expiry: Callable[[], object]) -> Lease:
        """A lease from now. BadInput for a time to live that is none."""
        check_ttl(ttl_s)
        expires_s = float("inf") if ttl_s is None else self._clock() + ttl_s
        lease = self._leases[of] = Lease(of, ttl_s, expires_s, on_expiry)
        self._journal.write("lease", what="granted", of=of, ttl_s=ttl_s)
        self.on_change()
        return lease

    def renew(self, of: str, ttl_s: float | None = None) -> Lease:
        """From now for its time to live, or another. BadInput when it has ended already, or for a time that is none."""
        check_ttl(ttl_s)
        self.expire()
        lease = self._leases.get(of)
        if lease is None:
            raise BadInput(f"there is no lease of {of!r} to renew", hint="it has expired or was never granted")
        lease.ttl_s = ttl_s if ttl_s is not None else lease.ttl_s
        lease.expires_s = float("inf") if lease.ttl_s is None else self._clock() + lease.ttl_s
        self._journal.write("lease", what="renewed", of=of, ttl_s=lease.ttl_s)
        self.on_change()
        return lease

    def end(self, of: str) -> None:
        """It was taken away in time."""
        if self._leases.pop(of, None) is not None:
            self._journal.write("lease", what="ended", of=of)
            self.on_change()

    def ttl_s(self, of: str) -> float | None:
        """For how long it was granted; None when that is for ever, or it is not there."""
        lease = self._leases.get(of)
        return None if lease is None else lease.ttl_s

    def left_s(self, of: str) -> float | None:
        """Seconds to its expiry; None when it never expires or is not there."""
        lease = self._leases.get(of)
        return None if lease is None or lease.ttl_s is None else max(0.0, lease.expires_s - self._clock())

    def next_expiry_s(self) -> float:
        """When the next one expires, on the clock; infinity when none will."""
        return min((lease.expires_s for lease in self._leases.values()), default=float("inf"))

    def expire(self) -> None:
        """End what is due, and journal it."""
        now = self._clock()
        for lease in [lease for lease in self._leases.values() if lease.expires_s <= now]:
            if self._leases.get(lease.of) is lease:
                del self._leases[lease.of]
                self._journal.write("lease", what="expired", of=lease.of, late_s=round(now - lease.expires_s, 3))
                lease.on_expiry()
