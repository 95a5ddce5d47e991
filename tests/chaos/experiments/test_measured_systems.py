"""The shipped scenarios on real gateways and SDKs: each finds what was measured on the version that is installed.

A system that is not installed is skipped; `python examples/systems/install.py` installs them. All runs are one group of
xdist: they need the machine's cores for themselves. A run that proves nothing, where a verdict was expected, is made
once more, alone: a baseline may be unhealthy because the machine was busy.

All of them take an hour on two cores. A few of each system are run always; LLMOPS_ALL_SCENARIOS=1 runs all, and
`-k "litellm and stream-stall"` with it one of them.
"""

import itertools
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments import known
from llmops.chaos.experiments.expected import differences, expected, measured

PARALLEL = {"litellm": 2}  # of the others three: LiteLLM takes seconds of a core to start
ALWAYS = {
    "gateway": ("bad-200", "stream-clean-end"),
    "litellm": ("fallback-model-named", "stream-clean-end"),
    "portkey": ("bad-200", "stream-clean-end"),
    "openai_sdk": ("empty-answer",),
    "anthropic_sdk": ("messages-error-event",),
}
CASES = [
    (system, scenario)
    for system in measured()
    for scenario in expected(system)
    if os.environ.get("LLMOPS_ALL_SCENARIOS") or scenario in ALWAYS[system]
]

pytestmark = [pytest.mark.xdist_group("systems"), pytest.mark.timeout(3600)]

Scenarios = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Runs":
    chosen = {
        (str(item.callspec.params["system"]), str(item.callspec.params["scenario"]))
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module
    }
    return Runs(tmp_path_factory.mktemp("systems"), chosen)


class Runs:
    """Runs all chosen scenarios of a system when the first is asked for."""

    def __init__(self, folder: Path, chosen: set[tuple[str, str]]) -> None:
        self._folder, self._chosen = folder, chosen
        self._found: dict[str, Scenarios] = {}
        self._numbers = itertools.count()

    def of(self, system: str) -> Scenarios:
        if system not in self._found:
            by_speed: dict[float, list[str]] = defaultdict(list)
            for name, each in expected(system).items():
                if (system, name) in self._chosen:
                    by_speed[each.speed].append(name)
            self._found[system] = {}
            for speed, names in by_speed.items():
                self._found[system] |= self._run(system, names, speed, PARALLEL.get(system, 3))
        return self._found[system]

    def again(self, system: str, name: str) -> dict[str, Any]:
        """One scenario once more, alone."""
        return self._run(system, [name], expected(system)[name].speed, parallel=1)[name]

    def _run(self, system: str, names: list[str], speed: float, parallel: int) -> Scenarios:
        command = [sys.executable, "-m", "llmops", "chaos", "run", *names, "--system", system, "--speed", f"{speed}"]
        folder = str(self._folder / f"{next(self._numbers)}")
        more = ["--parallel", str(parallel), "--format", "json", "--out", folder]
        done = subprocess.run([*command, *more], stdout=subprocess.PIPE, text=True, check=False)
        assert done.returncode in {0, 1, 3}, "it ended without a verdict"
        return {scenario["name"]: scenario for scenario in json.loads(done.stdout)["scenarios"]}


@pytest.mark.parametrize(("system", "scenario"), CASES)
def test_a_shipped_scenario_finds_what_was_measured(system: str, scenario: str, runs: Runs) -> None:
    if not known.is_installed(system):
        pytest.skip(f"{system} is not installed: python examples/systems/install.py {system}")
    found = runs.of(system)[scenario]
    if found["verdict"] == "INVALID" != expected(system)[scenario].verdict:
        found = runs.again(system, scenario)
    assert differences([found], expected(system)) == [], f"{found['reason']}; outcomes {found['outcomes']}"
