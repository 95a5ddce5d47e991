"""How far the roofline is off: throughput measured / predicted, as p10, p50 and p90 by class of deployment."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from llmops.costmodel.capacity.deployment import Deployment
from llmops.costmodel.capacity.roofline import Roofline
from llmops.costmodel.capacity.step_time import Assumption, Slowed, StepTimes


@dataclass(frozen=True)
class RooflineError:
    """What was measured for deployments alike: of 10 points, 8 lie between `p10` and `p90` times the roofline."""

    name: str
    generations: tuple[str, ...]
    experts: bool | None  # with experts, without, or (None) both in one class
    loads: tuple[str, ...]
    points: int
    p10: float
    p50: float
    p90: float
    source: str
    measured_on: date

    def covers(self, deployment: Deployment) -> bool:
        """Whether this is the class of that deployment."""
        alike = self.experts is None or self.experts == bool(deployment.model.experts)
        return alike and deployment.gpu.generation in self.generations


def roofline_step_times(deployment: Deployment) -> StepTimes:
    """The roofline of a deployment, corrected by the error of its class: 80 % of measured points lie inside."""
    error = roofline_error(deployment)
    roofline = Roofline(deployment)
    slow, typical, fast = (Slowed(roofline, 1 / ratio) for ratio in (error.p10, error.p50, error.p90))
    return StepTimes(slow, typical, fast, (_rule(roofline), _measured(error)))


def roofline_error(deployment: Deployment) -> RooflineError:
    """The one class of that deployment; the table has one for every GPU generation."""
    (error,) = (error for error in roofline_errors() if error.covers(deployment))
    return error


@cache
def roofline_errors() -> tuple[RooflineError, ...]:
    """All classes, as measured."""
    text = files("llmops.costmodel.capacity").joinpath("data", "roofline_error.toml").read_text(encoding="utf-8")
    return tuple(_error(row) for row in tomllib.loads(text)["class"])


def _rule(roofline: Roofline) -> Assumption:
    value = (
        f"{roofline.bandwidth_efficiency:.0%} of the bandwidth, {roofline.flops_efficiency:.0%} of the FLOP/s, "
        f"{roofline.overhead_s * 1e3:g} ms a step"
    )
    return Assumption("roofline of the step time", value, "rule of thumb, corrected by the next line")


def _measured(error: RooflineError) -> Assumption:
    value = f"{error.p50:g} ({error.p10:g} to {error.p90:g}) over {error.points} points: {error.name}"
    return Assumption("measured / predicted throughput", value, f"{error.source}, {error.measured_on}")


def _error(row: dict[str, object]) -> RooflineError:
    lists = {key: tuple(value) for key, value in row.items() if isinstance(value, list)}
    return RooflineError(**{"experts": None, **row, **lists})  # type: ignore[arg-type]  # typed by a test of the file
