"""What would be hosted for a demand: the fleet it takes and what its GPUs cost an hour."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from llmops.costmodel.capacity.fleet import FleetEstimate, deploy, size_fleet
from llmops.costmodel.capacity.memory import weights_bytes
from llmops.costmodel.capacity.roofline_error import roofline_step_times
from llmops.costmodel.capacity.specs import GB
from llmops.costmodel.tco.break_even import SelfHostCurve
from llmops.costmodel.tco.config import SelfHostSection
from llmops.costmodel.tco.demand import Demand
from llmops.costmodel.tco.lines import Basis, CostLine, Range
from llmops.costmodel.tco.options.self_host import GpuTime
from llmops.costmodel.tco.study import Napkin
from llmops.report import Column, Source, Table

if TYPE_CHECKING:
    from llmops.costmodel.capacity.deployment import Deployment

DEFAULT_MODEL, DEFAULT_GPU, DEFAULT_PRECISION = "Llama-3.3-70B", "h100_sxm", "fp8"
GPU_LINES = ("gpus", "redundancy")
UNBOUNDED = Decimal("Infinity")  # no number of GPUs keeps the SLO


@dataclass(frozen=True)
class Hosting:
    """A fleet sized for a demand, with the price of its GPUs."""

    fleet: FleetEstimate
    usd_per_gpu_hour: Range
    price_source: Source
    stated_price: bool
    hours_per_month: Decimal
    headroom_ratio: float
    stated_gpus: Range | None = None  # how many the user says, spares included; the fleet is then only for comparison
    gpu_line_stated: bool = False  # the user states what the GPUs cost a month

    @property
    def gpus_per_replica(self) -> int:
        return self.fleet.deployment.tensor_parallel

    @property
    def weights_gb(self) -> Decimal:
        deployment = self.fleet.deployment
        return Decimal(weights_bytes(deployment.model, deployment.precision)) / GB

    @property
    def gpu_time(self) -> GpuTime:
        """Serving and spare GPUs, as stated or as sized; the low end is the fast fleet at the cheap price."""
        if self.stated_gpus is not None:
            return GpuTime(self.stated_gpus, Range.exactly(0), self.usd_per_gpu_hour, "stated", self.price_source)
        spare = self.fleet.spare_replicas * self.gpus_per_replica
        ends = (self.fleet.gpus.low, self.fleet.gpus.typical, self.fleet.gpus.high)
        serving = Range(*(UNBOUNDED if end is None else Decimal(end - spare) for end in ends))
        basis: Basis = "stated" if self.stated_price else "measured"
        return GpuTime(serving, Range.exactly(spare), self.usd_per_gpu_hour, basis, self.price_source)

    @property
    def busy_replicas(self) -> Decimal:
        """Replicas that the mean load keeps busy, typically."""
        return Decimal(self.fleet.replicas_busy.typical)

    @property
    def napkin(self) -> Napkin:
        """GPUs for the mean load at full use, at the typical price, and nothing else."""
        gpus = max(1, int(self.busy_replicas.to_integral_value(ROUND_CEILING))) * self.gpus_per_replica
        price = self.usd_per_gpu_hour.typical
        plural = "" if gpus == 1 else "s"
        formula = f"{gpus} GPU{plural} for the mean load × {price} USD/h × {self.hours_per_month} h"
        return Napkin(gpus * price * self.hours_per_month, formula)

    def curves(self, lines: list[CostLine]) -> tuple[SelfHostCurve, SelfHostCurve, SelfHostCurve] | None:
        """Cost against volume at the low, typical and high ends; None where the GPUs are stated and do not grow.

        The typical and the high curve keep the peaks of the log at any volume. Larger volumes are smoother, so the low
        curve has no peaks at all: GPUs for the mean load at the headroom.
        """
        if self.stated_gpus is not None or self.gpu_line_stated:
            return None
        needed = self.fleet.replicas_needed
        smooth = self.fleet.replicas_busy.low / self.headroom_ratio
        replicas = (min(smooth, needed.low), needed.typical, needed.high)
        low, typical, high = (self._curve(lines, end, count) for end, count in zip(_ENDS, replicas, strict=True))
        return low, typical, high

    def _curve(self, lines: list[CostLine], end: str, replicas: float) -> SelfHostCurve:
        amounts = [(line, Decimal(getattr(line.usd_per_month, end))) for line in lines if line.name not in GPU_LINES]
        price: Decimal = getattr(self.usd_per_gpu_hour, end)
        return SelfHostCurve(
            fixed_usd=sum((usd for line, usd in amounts if not line.grows_with_volume), Decimal(0)),
            per_volume_usd=sum((usd for line, usd in amounts if line.grows_with_volume), Decimal(0)),
            replica_usd=price * self.gpus_per_replica * self.hours_per_month,
            replicas=Decimal(replicas),
            spare_replicas=self.fleet.spare_replicas,
        )


_ENDS = ("low", "typical", "high")


def named(section: SelfHostSection) -> tuple[str, str, str]:
    """Model, GPU and precision that would be used: as asked, else the default."""
    return section.model or DEFAULT_MODEL, section.gpu or DEFAULT_GPU, section.precision or DEFAULT_PRECISION


def deployment_for(section: SelfHostSection, demand: Demand) -> "Deployment":
    """The replica on the fewest GPUs that hold it. UnknownName or BadInput where the parts do not go together."""
    return deploy(*named(section), context_tokens=demand.load.longest_context_tokens)


def fleet_for(section: SelfHostSection, demand: Demand, deployment: "Deployment") -> FleetEstimate:
    """The fleet that carries the busiest bucket of the demand."""
    return size_fleet(
        demand.load,
        deployment,
        roofline_step_times(deployment),
        headroom_ratio=section.headroom_ratio,
        tpot_slo_s=section.tpot_slo_s,
        max_batch=section.max_batch,
        spare_replicas=section.spare_replicas,
    )


def gpu_time_table(hosting: Hosting) -> Table:
    """Where the GPU money goes in the typical case: busy, idle and spare."""
    price = hosting.usd_per_gpu_hour.typical * hosting.hours_per_month
    allocated = hosting.fleet.gpus.typical
    busy = hosting.busy_replicas * hosting.gpus_per_replica
    spare = hosting.fleet.spare_replicas * hosting.gpus_per_replica
    rows = [
        ("busy", busy),
        ("idle, for the peaks and the headroom", allocated - spare - busy),
        ("spare", Decimal(spare)),
    ]
    columns = [
        Column("what", "GPU time, typically"),
        Column("gpus", "GPUs", "number"),
        Column("ratio", "share", "ratio"),
        Column("usd", "USD a month", "usd_rounded"),
    ]
    cells = [(what, float(gpus), float(gpus / allocated), gpus * price) for what, gpus in rows]
    return Table(
        "gpu_time",
        "Where the GPU money goes",
        columns,
        cells,
        total=("allocated", float(allocated), 1.0, allocated * price),
    )


def assumption_rows(fleet: FleetEstimate) -> Iterator[tuple[str, str, str]]:
    """What the estimate assumes, with who says so."""
    for assumption in fleet.assumptions:
        yield assumption.text, assumption.value, assumption.source
