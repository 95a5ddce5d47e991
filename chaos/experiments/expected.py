"""What each shipped scenario finds on a known system of a known version, as it was measured; and what differs."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmops.chaos.experiments.known import recipe
from llmops.errors import NoData

FOLDER = Path(__file__).with_name("expected")
Scenario = Mapping[str, Any]
"""A scenario of a result, as its JSON has it: name, verdict, reason, checks."""


@dataclass(frozen=True)
class Expected:
    """What a scenario finds. `fails` are its checks that do not hold, as `name` or `name[phase]`."""

    verdict: str
    evidence: str  # what callers and providers were seen to do
    fails: tuple[str, ...] = ()
    because: str = ""  # of INVALID: words of its reason
    speed: float = 1.0  # that it was measured with


def expected(system: str) -> dict[str, Expected]:
    """By scenario. NoData where the system was never measured, or in another version than its recipe installs."""
    path = FOLDER / f"{system}.toml"
    if not path.exists():
        raise NoData(f"nobody has measured {system} yet", hint=f"measured: {', '.join(measured())}")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    wanted = recipe(system).version
    if data["version"] != wanted:
        raise NoData(f"{system} was measured in version {data['version']}, and its recipe has {wanted}")
    return {
        name: Expected(**{**each, "fails": tuple(each.get("fails", ()))}) for name, each in data["scenarios"].items()
    }


def measured() -> list[str]:
    """The systems that were measured, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def differences(found: Sequence[Scenario], wanted: Mapping[str, Expected]) -> list[str]:
    """A sentence for each thing that is not as it was measured; none, and all is as expected."""
    return [sentence for scenario in found for sentence in _differences(scenario, wanted.get(scenario["name"]))]


def _differences(scenario: Scenario, wanted: Expected | None) -> Iterator[str]:
    name = scenario["name"]
    if wanted is None:
        yield f"{name}: {scenario['verdict']}, and nothing is expected of it"
        return
    if scenario["verdict"] != wanted.verdict:
        yield f"{name}: {scenario['verdict']}, expected {wanted.verdict}: {scenario['reason']}"
        return
    if wanted.verdict == "INVALID":
        if wanted.because not in scenario["reason"]:
            yield f"{name}: INVALID by another reason than {wanted.because!r}: {scenario['reason']}"
        return
    fails = set(failing(scenario))
    yield from (f"{name}: {each} fails, and is expected to hold" for each in sorted(fails - set(wanted.fails)))
    yield from (f"{name}: {each} holds, and is expected to fail" for each in sorted(set(wanted.fails) - fails))


def failing(scenario: Scenario) -> list[str]:
    """Its checks that do not hold, as `name`, or `name[phase]` where they are about some phases only."""
    failed = [check for check in scenario["checks"] if check["verdict"] == "FAIL"]
    return [f"{each['name']}[{','.join(each['phases'])}]" if each["phases"] else each["name"] for each in failed]
