"""What a fallback costs a month while it stands by: lines with a price each; a line without one is said, never zero."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from llmops.infra.prices import HOURS_PER_MONTH, Price, price
from llmops.money import total_usd

GP3_FREE_IOPS = 3000
GP3_FREE_MIB_S = 125
# docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservations-pricing-billing.html, in its own sense
RESERVATION = "billed on demand, used or not"
ENDPOINTS = 10  # interface endpoints of a network without NAT


@dataclass(frozen=True)
class Standing:
    """The size of what stands by; None for a network that is not ours."""

    mode: str
    instance_type: str
    instances: int  # stopped in mode warm, serving in mode hot, none in mode cold
    weights_gb: Decimal
    zones: int | None = 2
    egress: str = "nat"
    reserved: int = 0  # instances of an on-demand capacity reservation: billed whether they run or not
    volume_size_gb: int = 300
    volume_iops: int = 6000
    volume_throughput_mib_s: int = 750


@dataclass(frozen=True)
class Line:
    """One thing that costs, how much of it, and its price."""

    what: str
    amount: Decimal
    price: Price | None

    @property
    def usd(self) -> Decimal | None:
        """A month of it; None where no price is known."""
        return None if self.price is None else self.amount * self.price.per_month


def standing_lines(standing: Standing, on: date) -> list[Line]:
    return [Line(what, Decimal(amount), price(item, on)) for what, item, amount in _items(standing) if amount]


def _items(standing: Standing) -> Iterator[tuple[str, str, int | Decimal]]:
    zones = standing.zones or 0
    if standing.mode == "hot":
        yield f"{standing.instance_type}, serving", standing.instance_type, standing.instances
    if standing.mode != "hot":  # there the reservation is used
        yield f"{standing.instance_type}, reserved: {RESERVATION}", standing.instance_type, standing.reserved
    yield "volumes, GB", "gp3_storage", standing.instances * standing.volume_size_gb
    yield "volumes, IOPS above 3,000", "gp3_iops", standing.instances * (standing.volume_iops - GP3_FREE_IOPS)
    above = standing.volume_throughput_mib_s - GP3_FREE_MIB_S
    yield "volumes, MiB/s above 125", "gp3_throughput", standing.instances * above
    yield "weights in S3, GB", "s3_standard", standing.weights_gb
    yield "load balancer", "network_load_balancer", 1
    if standing.egress == "nat":
        yield "NAT gateways, one a zone", "nat_gateway", zones
        yield "their public addresses", "public_ipv4", zones
    else:
        yield "interface endpoints, ten a zone", "interface_endpoint", ENDPOINTS * zones
    yield "key", "kms_key", 1
    yield "secret", "secret", 1


def total_of(lines: list[Line]) -> Decimal | None:
    """The sum; None where a line has no price."""
    amounts = [line.usd for line in lines]
    known = [amount for amount in amounts if amount is not None]
    return total_usd(known) if len(known) == len(amounts) else None


def serving_usd(instance_type: str, replicas: int, on: date) -> tuple[Decimal, Price] | None:
    """A month of serving on demand, with the price it stands on; None where none is known."""
    found = price(instance_type, on)
    return None if found is None else (found.usd * HOURS_PER_MONTH * replicas, found)
