"""Three drills on real gateways, and what each is expected to find; 0 when the verdicts are the expected ones.

    python examples/demo_chaos.py              LiteLLM, and Portkey where Node.js 20 or newer is
    python examples/demo_chaos.py litellm      one of them

Simulated providers, the fault proxy and the gateway are started, broken and ended by `llmops chaos run`: nothing
leaves this machine, and no key is needed. The gateways are those of examples/systems/install.py.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from llmops.chaos.experiments import known
from llmops.chaos.experiments.expected import Expected, differences, expected

SYSTEMS = ("litellm", "portkey")
SCENARIOS = ("fallback-model-named", "stream-cut", "stream-clean-end")
WIDTHS = (22, 9, 10, 40)


def main() -> int:
    """Run the drills on each system that is asked for, or installed."""
    systems = sys.argv[1:] or [system for system in SYSTEMS if known.is_installed(system)]
    if not systems:
        print("No gateway is installed: python examples/systems/install.py", file=sys.stderr)
        return 4
    unexpected = [sentence for system in systems for sentence in drilled(system)]
    for sentence in unexpected:
        print(f"not as expected: {sentence}", file=sys.stderr)
    print("every verdict is as expected" if not unexpected else f"{len(unexpected)} differences")
    return 1 if unexpected else 0


def drilled(system: str) -> list[str]:
    """Run the drills on one system, and show what they found; the differences from what is expected."""
    found, wanted = known.recipe(system), expected(system)
    began = time.monotonic()
    scenarios = run(system, SCENARIOS, parallel=2)
    for name in [each["name"] for each in scenarios.values() if is_worth_another(each, wanted)]:
        print(f"{name} proved nothing ({scenarios[name]['reason']}); once more, alone", flush=True)
        scenarios |= run(system, [name], parallel=1)
    print(f"\n{found.title} {found.version}, {len(scenarios)} drills in {time.monotonic() - began:.0f} s")
    print(row("drill", "verdict", "expected", "what callers got while the fault was on"))
    for name, scenario in scenarios.items():
        print(row(name, scenario["verdict"], wanted[name].verdict, outcomes_of(scenario)))
    for name, scenario in scenarios.items():
        print(f"\n{scenario['title']}: {scenario['verdict']}.\n  {' '.join(wanted[name].evidence.split())}")
    print(flush=True)
    return differences(list(scenarios.values()), wanted)


def run(system: str, names: Sequence[str], parallel: int) -> dict[str, dict[str, Any]]:
    """The scenarios of the result, by name. What ends without one has told why, and ends the demo too."""
    command = [sys.executable, "-m", "llmops", "chaos", "run", *names, "--system", system]
    done = subprocess.run(
        [*command, "--parallel", str(parallel), "--format", "json"], stdout=subprocess.PIPE, text=True, check=False
    )
    if not done.stdout:
        sys.exit(done.returncode)
    return {scenario["name"]: scenario for scenario in json.loads(done.stdout)["scenarios"]}


def is_worth_another(scenario: dict[str, Any], wanted: dict[str, Expected]) -> bool:
    """A machine that was busy makes a baseline unhealthy: that run says nothing about the system."""
    return bool(scenario["verdict"] == "INVALID" != wanted[scenario["name"]].verdict)


def outcomes_of(scenario: dict[str, Any]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in scenario["outcomes"].items())


def row(*cells: str) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


if __name__ == "__main__":
    sys.exit(main())
