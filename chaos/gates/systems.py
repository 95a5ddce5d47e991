"""Whether a result is of what another tells of: a drill of what is deployed. What is unknown is never the same."""

from collections.abc import Iterator, Sequence

from llmops.chaos.gates.conditions import SameSystem
from llmops.chaos.gates.judged import Judged
from llmops.chaos.gates.loader import Gate
from llmops.chaos.gates.measured import Found
from llmops.chaos.gates.quoting import quoted
from llmops.chaos.gates.results.reading import Usable
from llmops.chaos.gates.results.schema import Result

UNKNOWN = "unknown"  # what a system says of that which it could not find out; a reason may follow a colon


def systems(gate: Gate, results: Sequence[Usable]) -> Iterator[Judged]:
    """Each result of the one kind against each of the other."""
    asked = gate.condition
    assert isinstance(asked, SameSystem)  # noqa: S101 - the other kinds have their own functions
    others = [it.result for it in results if it.result.kind == asked.other]
    for one in results:
        if one.result.kind == asked.one:
            for other in others:
                yield Judged(gate, compared(one.result, other), one.file)


def compared(one: Result, other: Result) -> Found:
    """PASS where both tell the same of the same; INVALID where either lacks a fact, or the other is the older."""
    if why := _why_nothing_is_proven(one, other):
        return Found("INVALID", quoted(why))
    differing = [name for name in one.system if one.system[name] != other.system[name]]
    if differing:
        told = "; ".join(f"{name} was {one.system[name]}, and is {other.system[name]}" for name in differing)
        return Found("FAIL", quoted(f"{one.kind} is of another system: {told}"))
    return Found("PASS", quoted(f"{one.kind} is of the system of {other.kind}: {len(one.system)} facts agree"))


def _why_nothing_is_proven(one: Result, other: Result) -> str:
    if not one.system or not other.system:
        return f"{(one if not one.system else other).kind} tells nothing of its system"
    if other.finished_at < one.finished_at:
        return f"{other.kind} is older than {one.kind}: it does not tell of what came after"
    lacking = set(one.system) ^ set(other.system)
    if lacking:
        return f"{one.kind} and {other.kind} do not tell the same facts: {', '.join(sorted(lacking))}"
    facts = [*one.system.items(), *other.system.items()]
    unknown = [f"{name} is not known: {value}" for name, value in facts if value.partition(":")[0] == UNKNOWN]
    return unknown[0] if unknown else ""


def why_no_systems(asked: SameSystem, results: Sequence[Usable]) -> str:
    """Where there is nothing to compare."""
    kinds = {it.result.kind for it in results}
    return (
        f"there is no result of {' and none of '.join(name for name in (asked.one, asked.other) if name not in kinds)}"
    )
