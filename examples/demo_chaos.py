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
    scenarios = run(system)
    print(f"\n{found.title} {found.version}, {len(scenarios)} drills in {time.monotonic() - began:.0f} s")
    print(row("drill", "verdict", "expected", "what callers got while the fault was on"))
    for scenario in scenarios:
        print(row(scenario["name"], scenario["verdict"], verdict_of(wanted, scenario), outcomes_of(scenario)))
    for scenario in scenarios:
        print(f"\n{scenario['title']}: {scenario['verdict']}.\n  {wanted[scenario['name']].evidence}")
    print(flush=True)
    return differences(scenarios, wanted)


def run(system: str) -> list[dict[str, Any]]:
    """The scenarios of the result. What ends without one is an error: it is told, and ends the demo too."""
    command = [sys.executable, "-m", "llmops", "chaos", "run", *SCENARIOS, "--system", system]
    done = subprocess.run(
        [*command, "--parallel", str(len(SCENARIOS)), "--format", "json"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if not done.stdout:
        sys.exit(done.returncode)
    scenarios: list[dict[str, Any]] = json.loads(done.stdout)["scenarios"]
    return scenarios


def verdict_of(wanted: dict[str, Expected], scenario: dict[str, Any]) -> str:
    return wanted[scenario["name"]].verdict


def outcomes_of(scenario: dict[str, Any]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in scenario["outcomes"].items())


def row(*cells: str) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


if __name__ == "__main__":
    sys.exit(main())
