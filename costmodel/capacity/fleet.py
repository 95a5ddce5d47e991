"""How many GPUs a demand needs: enough replicas for the busiest bucket at a headroom, and spares."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from llmops.costmodel.capacity.deployment import Deployment, checked, precision
from llmops.costmodel.capacity.load import BucketLoad
from llmops.costmodel.capacity.memory import RESERVED_BYTES, USABLE_RATIO, smallest_tensor_parallel
from llmops.costmodel.capacity.specs import GB, gpu, model
from llmops.costmodel.capacity.step_time import Assumption, FloatArray, StepTimes
from llmops.costmodel.capacity.sustained import ServingLimits, Sustained, sustained
from llmops.errors import BadInput, NoData

__all__ = ["BucketLoad", "Count", "FleetEstimate", "Interval", "deploy", "size_fleet"]


Cases: TypeAlias = tuple[Sustained, Sustained, Sustained]  # fast, typical, slow


@dataclass(frozen=True)
class Interval:
    """p10, p50 and p90 of what is known about the step time, carried through."""

    low: float
    typical: float
    high: float


@dataclass(frozen=True)
class Count:
    """A number of things, rounded up. `high` is None where at the slow end no number of them keeps the SLO."""

    low: int
    typical: int
    high: int | None

    def times(self, factor: int) -> "Count":
        return Count(self.low * factor, self.typical * factor, None if self.high is None else self.high * factor)


@dataclass(frozen=True)
class FleetEstimate:
    """The fleet for a load, and how it was arrived at."""

    deployment: Deployment
    replica_requests_per_second: Interval  # sustained by one replica, for the mix of the busiest bucket
    replicas_needed: Interval  # before rounding up and without spares: grows in proportion to the load
    replicas_busy: Interval  # that the mean load keeps busy at a replica's full sustained rate
    replicas: Count  # spares are part of it
    spare_replicas: int
    gpus: Count
    batch: float  # sequences decoding in a replica at its limit, in the busiest bucket
    tpot_s: float  # at that limit; a step's time for a mix that only prefills
    utilisation_ratio: Interval  # busy / allocated replica time, spares allocated, over the whole span
    limits: tuple[str, ...]  # what stops a replica of the typical case in the busiest bucket, and what else is tight
    assumptions: tuple[Assumption, ...]


def deploy(
    model_name: str, gpu_name: str, precision_name: str, context_tokens: float, tensor_parallel: int | None = None
) -> Deployment:
    """The replica of these names, on the fewest GPUs that hold it unless told otherwise.

    UnknownName for a name that is not in the tables; BadInput where the parts do not go together or do not fit.
    """
    parts = (model(model_name), gpu(gpu_name), precision(precision_name))
    if tensor_parallel is None:
        return Deployment(*parts, smallest_tensor_parallel(*parts, context_tokens))
    return checked(Deployment(*parts, tensor_parallel))


def size_fleet(  # noqa: PLR0913 - each is a decision of the user, by name
    load: BucketLoad,
    deployment: Deployment,
    step_times: StepTimes,
    *,
    headroom_ratio: float,
    tpot_slo_s: float,
    max_batch: int,
    spare_replicas: int = 1,
    prefix_hit_ratio: float = 0.0,
) -> FleetEstimate:
    """Replicas = ceil(busiest rate / (sustained rate * headroom)) + spares; each bucket is judged by its own mix.

    `headroom_ratio` is how much of a replica's sustained rate the busiest bucket may use (0..1, not 0).
    BadInput where one sequence alone misses the SLO or does not fit; NoData for a load without tokens.
    """
    limits = _checked_limits(ServingLimits(tpot_slo_s, max_batch, prefix_hit_ratio), headroom_ratio, spare_replicas)
    mixes = (_with_tokens(load).input_tokens_per_request, load.output_tokens_per_request)
    fast, typical, slow = cases = (
        sustained(deployment, step_times.fast, *mixes, limits),
        _within_slo(deployment, sustained(deployment, step_times.typical, *mixes, limits), tpot_slo_s),
        sustained(deployment, step_times.slow, *mixes, limits),
    )
    rates = load.requests_per_second[load.busy]
    busiest = int(np.argmax(rates * typical.seconds_per_request))
    needed = _needed(rates, cases, headroom_ratio)
    replicas = _replicas(needed, spare_replicas)
    busy = Interval(*(float(np.sum(rates * it.seconds_per_request)) / load.busy.size for it in cases))
    return FleetEstimate(
        deployment=deployment,
        replica_requests_per_second=Interval(*(_rate(it, busiest) for it in (slow, typical, fast))),
        replicas_needed=needed,
        replicas_busy=busy,
        replicas=replicas,
        spare_replicas=spare_replicas,
        gpus=replicas.times(deployment.tensor_parallel),
        batch=float(typical.batch[busiest]),
        tpot_s=float(typical.step_s[busiest]),
        utilisation_ratio=_utilisation(busy, replicas),
        limits=_limits(typical, busiest, step_times, replicas),
        assumptions=(*step_times.assumptions, *_assumptions(load, deployment, limits, headroom_ratio, spare_replicas)),
    )


def _needed(rates: FloatArray, cases: Cases, headroom_ratio: float) -> Interval:
    return Interval(*(float(np.max(rates * it.seconds_per_request)) / headroom_ratio for it in cases))


def _replicas(needed: Interval, spare_replicas: int) -> Count:
    counts = (_rounded_up(needed.low) + spare_replicas, _rounded_up(needed.typical) + spare_replicas)
    return Count(*counts, None if math.isinf(needed.high) else _rounded_up(needed.high) + spare_replicas)


def _rounded_up(needed: float) -> int:
    return max(1, math.ceil(round(needed, 9)))  # a last digit of floating point is no replica, a small load is one


def _rate(it: Sustained, bucket: int) -> float:
    return 1 / float(it.seconds_per_request[bucket])  # of infinite seconds: 0, none within the SLO


def _utilisation(busy: Interval, replicas: Count) -> Interval:
    """Busy over allocated replica time of each case. All buckets are allocated, the idle ones too."""
    ratios = [busy.low / replicas.low, busy.typical / replicas.typical]
    if replicas.high is not None:
        ratios.append(busy.high / replicas.high)
    return Interval(min(ratios), ratios[1], max(ratios))  # rounding up replicas can turn the order of the cases


def _limits(typical: Sustained, busiest: int, step_times: StepTimes, replicas: Count) -> tuple[str, ...]:
    waits_for = step_times.typical.bound(*typical.step_of(busiest))
    unbounded = ("TPOT SLO: at the slow end of the interval not even one sequence alone keeps it",)
    return (typical.limits[busiest], waits_for, *(unbounded if replicas.high is None else ()))


def _checked_limits(limits: ServingLimits, headroom_ratio: float, spare_replicas: int) -> ServingLimits:
    wrong = {
        "the headroom must be above 0 and at most 1": not 0 < headroom_ratio <= 1,
        "the number of spare replicas must not be negative": spare_replicas < 0,
        "the TPOT SLO must be above 0 seconds": not limits.tpot_slo_s > 0,
        "the largest batch must be 1 or more": limits.max_batch < 1,
        "the prefix cache hit ratio must be between 0 and 1": not 0 <= limits.prefix_hit_ratio <= 1,
    }
    for message, holds in wrong.items():
        if holds:
            raise BadInput(message, hint="ratios are written 0.8, not 80; times are seconds")
    return limits


def _with_tokens(load: BucketLoad) -> BucketLoad:
    if not np.any(load.input_tokens_per_second + load.output_tokens_per_second > 0):
        raise NoData("no request of the load has tokens, so there is nothing to size for", hint="check the filters")
    return load


def _within_slo(deployment: Deployment, typical: Sustained, tpot_slo_s: float) -> Sustained:
    missed = ~np.isfinite(typical.seconds_per_request)
    if missed.any():
        raise BadInput(
            f"{deployment} misses the SLO of {tpot_slo_s * 1e3:,.1f} ms per token even with one sequence alone "
            f"(typically {float(np.max(typical.step_s[missed])) * 1e3:,.1f} ms)",
            hint="loosen the SLO, spread a replica over more GPUs, lower the precision or choose a faster GPU",
        )
    return typical


_ASKED = "as asked, or the default (llmops.yaml, tco.self_host)"


def _assumptions(
    load: BucketLoad, deployment: Deployment, limits: ServingLimits, headroom_ratio: float, spare_replicas: int
) -> tuple[Assumption, ...]:
    memory = f"{USABLE_RATIO:.0%} of HBM - weights - {RESERVED_BYTES / GB} GB a GPU"
    return (
        Assumption("figures of the GPU", deployment.gpu.full_name, deployment.gpu.source),
        Assumption("figures of the model", deployment.model.name, deployment.model.source),
        Assumption("room for the KV cache, kept in 16 bits", memory, "vLLM's default share of memory; rule of thumb"),
        Assumption("time per output token at most (mean)", f"{limits.tpot_slo_s * 1e3:g} ms", _ASKED),
        Assumption("sequences in flight at most", f"{limits.max_batch}", _ASKED),
        Assumption("prompt tokens found in the prefix cache", f"{limits.prefix_hit_ratio:.0%}", _ASKED),
        Assumption("of a replica's sustained rate, the busiest bucket uses", f"{headroom_ratio:.0%}", _ASKED),
        Assumption("spare replicas", f"{spare_replicas}", _ASKED),
        Assumption("load is even within a bucket", f"{load.bucket_s:g} s", "bursts inside it wait in the queue"),
    )
