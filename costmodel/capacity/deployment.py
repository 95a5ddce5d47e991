"""One replica as it would be deployed: a model on some GPUs of a kind, in a precision."""

from dataclasses import dataclass

from llmops.costmodel.capacity.specs import GpuSpec, ModelSpec
from llmops.errors import BadInput, UnknownName, nearest_hint

TENSOR_PARALLEL = (1, 2, 4, 8)  # the GPUs of one node that share a replica


@dataclass(frozen=True)
class Precision:
    """How weights are stored and which units multiply them. Bytes per weight include the scales."""

    name: str
    body_bytes: float
    expert_bytes: float
    units: str  # bf16, fp8 or fp4


# Effective bytes per weight: 4 bits and the scales of their blocks make 0.53 to 0.56. int4 and mxfp4 are stored in
# 4 bits and multiplied in bf16, so they run on every GPU; gpt-oss keeps all but its experts in bf16.
PRECISIONS = {
    precision.name: precision
    for precision in (
        Precision("bf16", 2.0, 2.0, "bf16"),
        Precision("fp8", 1.0, 1.0, "fp8"),
        Precision("fp4", 0.56, 0.56, "fp4"),
        Precision("int4", 0.53, 0.53, "bf16"),
        Precision("mxfp4", 2.0, 0.53, "bf16"),
    )
}


@dataclass(frozen=True)
class Deployment:
    """A replica: `tensor_parallel` GPUs that hold one copy of the weights."""

    model: ModelSpec
    gpu: GpuSpec
    precision: Precision
    tensor_parallel: int

    def __str__(self) -> str:
        return f"{self.model.name} in {self.precision.name} on {self.tensor_parallel} x {self.gpu.name}"

    @property
    def unit_flops(self) -> float:
        """Peak FLOP/s of one GPU at this precision."""
        return tflops(self.gpu, self.precision) * 1e12


def precision(name: str) -> Precision:
    """The precision of that name. UnknownName, with the nearest as the hint, where there is none."""
    if name not in PRECISIONS:
        raise UnknownName(f"no precision is named {name!r}", hint=nearest_hint(name, PRECISIONS))
    return PRECISIONS[name]


def tflops(gpu: GpuSpec, precision: Precision) -> float:
    """Dense peak of the units that multiply this precision. BadInput where the GPU has none."""
    peak = {"bf16": gpu.bf16_tflops, "fp8": gpu.fp8_tflops, "fp4": gpu.fp4_tflops}[precision.units]
    if peak is None:
        raise BadInput(
            f"{gpu.full_name} has no {precision.units} units, so it cannot serve in {precision.name}",
            hint=f"choose {_precisions_of(gpu)}, or a GPU with {precision.units} units",
        )
    return peak


def checked(deployment: Deployment) -> Deployment:
    """The same, once the parts go together. BadInput where they do not."""
    tflops(deployment.gpu, deployment.precision)
    if deployment.precision.name == "mxfp4" and not deployment.model.experts:
        raise BadInput(
            f"mxfp4 is a format for experts, and {deployment.model.name} has none",
            hint="choose int4 for 4-bit weights",
        )
    if deployment.tensor_parallel not in TENSOR_PARALLEL:
        raise BadInput(
            f"a replica cannot be spread over {deployment.tensor_parallel} GPUs",
            hint=f"choose one of {', '.join(map(str, TENSOR_PARALLEL))}",
        )
    return deployment


def _precisions_of(gpu: GpuSpec) -> str:
    lacking = {"fp8": gpu.fp8_tflops is None, "fp4": gpu.fp4_tflops is None}
    return " or ".join(name for name, it in PRECISIONS.items() if not lacking.get(it.units, False))
