"""The example workflow, step by step on this machine: as GitHub's runner would, with the action's steps inside.

What the runner does by itself (check out, set up Python, upload) is done here in its place, and ports are free ones, so
that runs side by side do not meet. The commands of the steps are run as they stand.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

ROOT = Path(__file__).parents[3]
NOT_OF_THE_TREE = (".*", "__pycache__", "*.egg-info", "build", "dist", "runs", "node_modules")
PORTS = ("4000", "9101", "9102")
BASH = shutil.which("bash")

pytestmark = [
    pytest.mark.timeout(300),  # two of them run a whole experiment, which takes half a minute
    pytest.mark.xdist_group("workflow"),  # one installation serves all of these
    pytest.mark.skipif(not (BASH and shutil.which("curl")), reason="needs bash and curl, as GitHub's runners have"),
]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a fresh environment, which borrows the packages of this one; llmops itself is not in it."""
    return fresh_python(tmp_path_factory.mktemp("python"))


def fresh_python(home: Path) -> Path:
    venv.create(home, with_pip=False)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = home / "lib" / version / "site-packages"
    # a path in a .pth file brings the packages of this environment, and not what its own .pth files add: our tree
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin"


@dataclass
class Runner:
    """One job: its workspace, and what its steps left."""

    workspace: Path
    python: Path
    outcomes: dict[str, int] = field(default_factory=dict)  # exit codes of the steps, by name
    printed: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    artifact: list[str] = field(default_factory=list)
    summary: str = ""
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, steps: list[dict[str, Any]]) -> None:
        """The steps of a job: after a failure only those that say `always()`."""
        failed = False
        for step in steps:
            if failed and step.get("if") != "always()":
                continue
            code = self._step(step)
            self.outcomes[self._name(step)] = code
            failed = failed or (code != 0 and not step.get("continue-on-error"))

    def _name(self, step: Mapping[str, Any]) -> str:
        return str(step.get("name") or step["uses"])

    def _step(self, step: Mapping[str, Any]) -> int:
        uses = step.get("uses", "")
        if not uses:
            return self._script(step, self.workspace)
        if uses == "./":
            return self._action(yaml.safe_load((self.workspace / "action.yml").read_text()), step.get("with", {}))
        if uses.startswith("actions/upload-artifact@"):
            return self._upload(step["with"]["path"].split())
        assert re.fullmatch(r"actions/(checkout|setup-python)@v\d+", uses), f"nothing here does {uses}"
        return 0

    def _action(self, action: dict[str, Any], given: Mapping[str, str]) -> int:
        assert {*given} <= {*action["inputs"]}
        inputs = {name: given.get(name, each.get("default")) for name, each in action["inputs"].items()}
        assert None not in inputs.values(), "a required input is missing"
        for step in action["runs"]["steps"]:
            environment = {name: self._evaluated(text, inputs) for name, text in step.get("env", {}).items()}
            if code := self._script({**step, "env": environment}, self.workspace):
                return code
        return 0

    def _evaluated(self, text: str, inputs: Mapping[str, str]) -> str:
        evaluated = re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)
        assert "${{" not in evaluated
        return evaluated

    def _script(self, step: Mapping[str, Any], folder: Path) -> int:
        """As `shell: bash` is run: `bash --noprofile --norc -eo pipefail {0}`."""
        assert "${{" not in step["run"]
        files = {name: folder.parent / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        environment = {
            **clean,
            "PATH": os.pathsep.join([str(self.python), *_folders_without_llmops()]),
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(folder),
            "GITHUB_ACTION_PATH": str(folder),
            **{name: str(file) for name, file in files.items()},
            "PIP_NO_INDEX": "1",  # what llmops needs is there
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the wrong way round: the build uses what is there
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **step.get("env", {}),
        }
        script, log = folder.parent / "script.sh", folder.parent / "log.txt"
        script.write_text(step["run"], encoding="utf-8")
        with log.open("w", encoding="utf-8") as out:  # a file: a process in the background would hold a pipe open
            process = subprocess.Popen(
                [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", str(script)],
                cwd=folder,
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            self.processes.append(process)
            code = process.wait(timeout=100)
        self.printed[step["name"]] = log.read_text(encoding="utf-8")
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        self.outputs |= dict(line.split("=", 1) for line in lines)
        return code

    def _upload(self, paths: list[str]) -> int:
        for path in paths:
            found = self.workspace / path
            inside = sorted(found.rglob("*")) if found.is_dir() else [found] if found.exists() else []
            self.artifact += [file.relative_to(self.workspace).as_posix() for file in inside if file.is_file()]
        return 0 if self.artifact else 1

    def end(self) -> None:
        """As at the end of a job: what was left in the background is killed."""
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


@pytest.fixture
def runner(tmp_path: Path, python: Path) -> Iterator[Runner]:
    """A runner that has checked the project out."""
    workspace = tmp_path / "workspace"
    shutil.copytree(ROOT, workspace, symlinks=True, ignore=shutil.ignore_patterns(*NOT_OF_THE_TREE))
    free = dict(zip(PORTS, map(str, _free_ports(len(PORTS))), strict=True))
    for file in (workspace / "examples" / "ci").iterdir():
        text = re.sub("|".join(PORTS), lambda found: free[found[0]], file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
    started = Runner(workspace, python)
    yield started
    started.end()


def _folders_without_llmops() -> list[str]:
    return [folder for folder in os.environ["PATH"].split(os.pathsep) if not Path(folder, "llmops").exists()]


def _free_ports(count: int) -> list[int]:
    """Held all at once, so that they differ; then let go."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def steps_of(runner: Runner) -> list[dict[str, Any]]:
    workflow = yaml.safe_load((runner.workspace / "examples" / "ci" / "workflow.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    steps: list[dict[str, Any]] = job["steps"]
    return steps


def test_a_well_behaved_gateway_is_green_and_all_is_published(runner: Runner) -> None:
    runner.run(steps_of(runner))
    assert {*runner.outcomes.values()} == {0}, runner.printed
    assert runner.outputs == {"exit-code": "0"}
    assert "**PASS**: 6 PASS, and nothing fails." in runner.summary
    assert "::error" not in runner.printed["Judge"]
    named = {"runs/ci/result.json", "runs/ci/report.html", "runs/ci/journal.jsonl", "runs/ci/proxy.jsonl"}
    assert named | {"gates.xml", "gateway.log"} <= {*runner.artifact}
    root = ET.parse(runner.workspace / "gates.xml").getroot()  # noqa: S314 - our own
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["6", "0", "0"]
    result = json.loads((runner.workspace / "runs/ci/result.json").read_text(encoding="utf-8"))
    assert result["scenarios"][0]["receipts"]["on_user_requests"] >= 160  # both faults were there


def test_a_gateway_that_launders_is_red_at_the_gates_line_and_all_is_published(runner: Runner) -> None:
    steps = steps_of(runner)
    start = next(step for step in steps if step.get("name") == "Start the system under test")
    start["run"] = start["run"].replace("--timeout 1", "--timeout 1 --ill launders")
    runner.run(steps)
    assert (runner.outcomes["Break its primary provider, and see"], runner.outcomes["Judge"]) == (1, 1)
    assert (runner.outcomes["Publish"], runner.outputs) == (0, {"exit-code": "1"})
    assert "**FAIL**" in runner.summary
    gates = (runner.workspace / "examples/ci/gates.yaml").read_text(encoding="utf-8").splitlines()
    line = 1 + gates.index("  - laundered == 0")
    assert f"::error file=examples/ci/gates.yaml,line={line},title=FAIL%3A laundered == 0" in runner.printed["Judge"]
    assert {"runs/ci/result.json", "gates.xml"} <= {*runner.artifact}


def test_without_a_system_there_is_no_result_and_that_is_red(runner: Runner) -> None:
    """Nor is there an llmops: the action brings its own."""
    runner.python = fresh_python(runner.workspace.parent / "python")
    runner.run([step for step in steps_of(runner) if step.get("name") in {"Judge", "Publish"}])
    assert runner.outcomes == {"Judge": 3, "Publish": 0}, runner.printed
    assert "runs/ci is missing" in runner.summary
    assert runner.artifact == ["gates.xml"]


def test_the_action_takes_several_results_and_a_baseline(runner: Runner) -> None:
    folder = runner.workspace / "odd names; $(touch hacked)"
    folder.mkdir()
    (folder / "gates.yaml").write_text("gates: [requests >= 1]", encoding="utf-8")
    bill = ["llmops", "bill", "examples/litellm_spend_logs.jsonl.gz", "--format", "json", "--out"]
    script = "\n".join(" ".join([*bill, f"{name}.json"]) for name in ("old", "new"))
    with_inputs = {
        "gates": f"{folder.name}/gates.yaml",
        "results": "new.json\n",
        "baseline": "old.json\n",
        "junit": f"{folder.name}/j.xml",
    }
    install = next(step for step in steps_of(runner) if step.get("name") == "Install llmops")
    already = (runner.python / "llmops").exists()
    runner.run(
        [
            *([] if already else [install]),
            {"name": "Bills", "run": script},
            {"name": "Judge", "uses": "./", "with": with_inputs},
        ]
    )
    assert (runner.outcomes["Bills"], runner.outcomes["Judge"]) == (0, 0), runner.printed
    assert "Beside old.json: of what was compared, nothing is newly worse" in runner.summary
    assert (folder / "j.xml").exists()
    assert not (runner.workspace / "hacked").exists()


def test_the_workflow_asks_for_no_more_than_it_needs() -> None:
    workflow = yaml.safe_load((ROOT / "examples" / "ci" / "workflow.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    assert job["timeout-minutes"] <= 10
    names = [step.get("name", "") for step in job["steps"]]
    assert names.index("Start the system under test") < names.index("Judge") < names.index("Publish")
