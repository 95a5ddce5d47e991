"""From which volume on an API bill exceeds the cost of self-hosting."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal


@dataclass(frozen=True)
class SelfHostCurve:
    """Monthly cost of self-hosting as a function of volume v, where v = 1 is the volume of the log.

    cost(v) = fixed + per_volume * v + (ceil(replicas * v) + spare) * replica   [USD a month]
    """

    fixed_usd: Decimal
    per_volume_usd: Decimal
    replica_usd: Decimal
    replicas: Decimal  # needed at v = 1 in the busiest bucket, before rounding up
    spare_replicas: int

    def usd_at(self, volume: Decimal) -> Decimal:
        """USD a month at `volume` times the volume of the log."""
        serving = (self.replicas * volume).to_integral_value(ROUND_CEILING)
        return self.fixed_usd + self.per_volume_usd * volume + (serving + self.spare_replicas) * self.replica_usd


def break_even_volume(api_usd: Decimal, curve: SelfHostCurve) -> Decimal | None:
    """The smallest multiple of today's volume at which the API costs as much as self-hosting; None where never.

    With n serving replicas the volume lies in ((n-1)/r, n/r] and self-hosting costs a constant K + n*c beside what
    grows with the volume, so the API catches up within the step when n*(A/r - c) >= K. The first such n is closed form.
    """
    api_per_volume = api_usd - curve.per_volume_usd
    if api_per_volume <= 0:
        return None
    constant = curve.fixed_usd + curve.spare_replicas * curve.replica_usd
    if curve.replicas == 0:
        return constant / api_per_volume
    gain_per_replica = api_per_volume / curve.replicas - curve.replica_usd
    if gain_per_replica <= 0:
        return None
    serving = max(Decimal(1), (constant / gain_per_replica).to_integral_value(ROUND_CEILING))
    return max((constant + serving * curve.replica_usd) / api_per_volume, (serving - 1) / curve.replicas)
