"""Terraform as a child process: its plugins found at run time, its environment clean, its errors in one sentence."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from llmops.errors import OutsideFailed

PLUGIN_DIR_VARIABLE = "LLMOPS_TF_PLUGIN_DIR"
PROVIDER = "registry.terraform.io/hashicorp/aws"
PLACES = ("/usr/share", "/usr/local/share", "/usr/lib", "/opt", "~/.terraform.d", "~/.local/share")  # of plugin folders
DEPTH = 8  # folders below a place: registry, namespace, type, version and platform are five of them

MODULES = Path(__file__).parent / "terraform" / "modules"

# Never a real account: what plans and tests run with. The endpoint is a server on this machine, or nothing listens.
DUMMY_KEYS = {"AWS_ACCESS_KEY_ID": "dummy", "AWS_SECRET_ACCESS_KEY": "dummy", "AWS_REGION": "us-east-1"}


class TerraformMissing(OutsideFailed):
    """Terraform, or the AWS provider, is not on this machine and cannot be had."""


@dataclass(frozen=True)
class Terraform:
    """One working folder; `environment` is added to a clean one."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    plugin_dir: Path | None = None

    def init(self) -> None:
        """Install the provider: from the plugin folder where there is one, else from the registry."""
        plugins = [f"-plugin-dir={self.plugin_dir}"] if self.plugin_dir else []
        self.run("init", "-backend=false", *plugins)

    def plan(self, *arguments: str) -> dict[str, Any]:
        """The plan, as `terraform show -json` tells it."""
        out = self.folder / "plan.bin"
        self.run("plan", f"-out={out}", *arguments)
        return self.show(str(out))

    def show(self, *arguments: str) -> dict[str, Any]:
        """The state, or a plan that is named, as JSON."""
        shown: dict[str, Any] = json.loads(self.run("show", "-json", *arguments))
        return shown

    def run(self, command: str, *arguments: str) -> str:
        """What Terraform printed. OutsideFailed with the first error that it names."""
        words = [str(executable()), command, *_without_questions(command), *arguments]
        done = subprocess.run(
            words, check=False, capture_output=True, text=True, cwd=self.folder, env=clean_environment(self.environment)
        )
        if done.returncode != 0:
            raise OutsideFailed(
                f"terraform {command}: {first_error(done.stderr or done.stdout)}", hint=f"in {self.folder}"
            )
        return done.stdout


def _without_questions(command: str) -> Sequence[str]:
    quiet = {"init": ["-input=false"], "plan": ["-input=false"], "apply": ["-input=false"], "destroy": []}
    return [] if command in {"show", "fmt", "providers"} else ["-no-color", *quiet.get(command, [])]


def clean_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Our own without settings of Terraform and AWS: what a run does depends on what it is given."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))}
    return {**own, "CHECKPOINT_DISABLE": "1", **more}


def first_error(printed: str) -> str:
    """The text of the first error block, as one line."""
    lines = [line.strip("│╷╵ \t") for line in printed.splitlines()]
    start = next((number for number, line in enumerate(lines) if line.startswith("Error: ")), None)
    if start is None:
        return " ".join(filter(None, lines))[-300:] or "it failed without a word"
    told: list[str] = []
    for line in lines[start:]:
        if told and line.startswith(("Error: ", "Warning: ")):
            break
        told.append(line)
    return " ".join(filter(None, told)).removeprefix("Error: ")[:600]


def executable() -> Path:
    """The program terraform. TerraformMissing where there is none on the PATH."""
    found = shutil.which("terraform")
    if found is None:
        raise TerraformMissing("terraform is not on the PATH", hint="install Terraform 1.7 or newer")
    return Path(found)


def plugin_dir() -> Path:
    """The folder above `registry.terraform.io` that holds the AWS provider.

    $LLMOPS_TF_PLUGIN_DIR, else what is found in the usual places. TerraformMissing where there is none.
    """
    named = os.environ.get(PLUGIN_DIR_VARIABLE)
    if named:
        if not (Path(named) / PROVIDER).is_dir():
            raise TerraformMissing(
                f"{PLUGIN_DIR_VARIABLE} names {named}, which has no {PROVIDER}", hint="name the folder above it"
            )
        return Path(named)
    found = _found_plugin_dir()
    if found is None:
        raise TerraformMissing(
            "the AWS provider of Terraform is not on this machine", hint=f"set {PLUGIN_DIR_VARIABLE} to its folder"
        )
    return found


@cache
def _found_plugin_dir() -> Path | None:
    for place in PLACES:
        for folder in _folders(Path(place).expanduser(), DEPTH):
            if folder.name == "registry.terraform.io" and (folder.parent / PROVIDER).is_dir():
                return folder.parent
    return None


def _folders(place: Path, depth: int) -> Iterator[Path]:
    """The folders below, each before what is in it; links are not followed, and what may not be read is passed over."""
    try:
        inner = [Path(entry.path) for entry in os.scandir(place) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for folder in sorted(inner):
        yield folder
        if depth > 1 and folder.name != "registry.terraform.io":
            yield from _folders(folder, depth - 1)
