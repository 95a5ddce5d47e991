"""What a plan is asked for: by options, else by a tco result, else by default; each figure with its origin."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from llmops.errors import BadInput, NoData
from llmops.infra.instances import InstanceType
from llmops.infra.tco_result import Tco

LEAST_CONTEXT_TOKENS = 1024  # what the module takes
# Figure of a plan: its name in the `system` of a tco result, and what a plan without such a result assumes.
FIGURES: dict[str, tuple[str, str | None]] = {
    "model": ("hosted_model", None),
    "precision": ("hosted_precision", "bf16"),
    "context": ("longest_request_tokens", "8192"),
    "gpu": ("hosted_gpu", "any"),
    "gpus_a_replica": ("hosted_gpus_a_replica", "all of an instance"),
    "replicas": ("hosted_replicas", "1"),
}
COUNTS = ("context", "gpus_a_replica", "replicas")
BY_OPTIONS = ("gpu", "gpus_a_replica")  # --instance-type with --replicas says both
# Names of GPUs in the capacity planner: the name and the memory in MiB by which EC2 knows them.
EC2_GPUS = {
    "l4": ("L4", 22888),
    "a10g": ("A10G", 22888),
    "l40s": ("L40S", 45776),
    "a100_sxm80": ("A100", 81920),
    "h100_sxm": ("H100", 81920),
    "h200_sxm": ("H200", 144384),
    "b200_sxm": ("B200", 183359),
}


@dataclass(frozen=True)
class Figure:
    """One figure of a plan, and who said so."""

    value: str
    source: str


@dataclass(frozen=True)
class Asked:
    """All figures by name."""

    figures: Mapping[str, Figure]
    tco: Tco | None
    sized: bool  # replicas are those of the tco result, on its GPU; else they are instances

    def __getitem__(self, name: str) -> str:
        return self.figures[name].value

    def suits(self, instance: InstanceType) -> bool:
        """Whether it has the GPU that was asked for, and enough of them for a replica."""
        if self["gpu"] not in EC2_GPUS:
            return True  # any, or an instance type was named
        name, memory_mib = EC2_GPUS[self["gpu"]]
        needed = int(self["gpus_a_replica"]) if self.sized else 1
        return (instance.gpu, instance.gpu_memory_mib) == (name, memory_mib) and instance.gpu_count >= needed

    def instances(self, instance: InstanceType) -> int:
        """How many have as many GPUs as were asked for: a node runs one engine on all of its own."""
        replicas = int(self["replicas"])
        return ceil(replicas * int(self["gpus_a_replica"]) / instance.gpu_count) if self.sized else replicas


def asked(given: Mapping[str, str | int | None], instance_type: str | None, tco: Tco | None) -> Asked:
    """BadInput where options contradict what the result was sized for; NoData where it lacks a figure."""
    said = {name: str(value) for name, value in given.items() if value is not None}
    by_options = "replicas" in said and instance_type is not None
    if tco is not None and not by_options:
        _refuse_other_size(said, tco)
    known = {name: Figure(value, f"--{name}") for name, value in said.items()}
    if by_options:
        known |= {name: Figure("as the instance has", "--instance-type") for name in BY_OPTIONS}
    found = {name: known.get(name) or (_default(name) if tco is None else _taken(name, tco)) for name in FIGURES}
    if tco is not None and not by_options and found["gpu"].value not in EC2_GPUS:
        raise BadInput(
            f"{tco.file} is for {found['gpu'].value}, which no instance of EC2 has",
            hint=f"run `llmops tco --gpu` with one of {', '.join(EC2_GPUS)}, or give --instance-type and --replicas",
        )
    return Asked(found, tco, sized=tco is not None and "replicas" not in said)


def _default(name: str) -> Figure:
    default = FIGURES[name][1]
    if default is None:
        raise BadInput(f"nothing says which {name}", hint=f"give --{name}, or --from with a result of `llmops tco`")
    return Figure(default, "default")


def _taken(name: str, tco: Tco) -> Figure:
    key = FIGURES[name][0]
    if key not in tco.system:
        option = "--instance-type and --replicas" if name in BY_OPTIONS else f"--{name}"
        raise NoData(f"{tco.file} does not say {key}", hint=f"give {option}; a tco of a log, by this version, says all")
    value, origin = tco.system[key], f"{tco.id} of {tco.on}"
    if name in COUNTS and not (value.isascii() and value.isdecimal() and int(value) > 0):
        raise BadInput(f"{tco.file}: {key} must be a whole number above 0, not {value!r}")
    if name != "context":
        return Figure(value, origin)
    if int(value) < LEAST_CONTEXT_TOKENS:
        return Figure(str(LEAST_CONTEXT_TOKENS), f"the least that is served; the longest request has {value}: {origin}")
    return Figure(value, f"the longest request: {origin}")


def _refuse_other_size(said: Mapping[str, str], tco: Tco) -> None:
    """GPUs and replicas of one model are no measure for another."""
    for name in ("model", "precision"):
        told = tco.system.get(FIGURES[name][0])
        if name in said and told not in {None, said[name]}:
            raise BadInput(
                f"{tco.file} was sized for {told}, not for {said[name]}",
                hint=f"run `llmops tco` for it, or give --instance-type and --replicas besides --{name}",
            )
