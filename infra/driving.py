"""Drives Pulumi or Terraform, whichever the user has: preview, up, destroy."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from llmops.errors import BadInput, OutsideFailed
from llmops.infra.spec import FallbackSpec
from llmops.infra.terraform_cli import MODULES, TerraformMissing, first_error, plugin_dir

PROGRAM = Path(__file__).parent / "stacks" / "gpu_fallback"
PROJECT = "llmops-gpu-fallback"
WORK = Path(".llmops") / "infra"  # of the user's folder: the state of Terraform stands here
STATE = "terraform.tfstate"
OUTPUTS = (
    "group_name",
    "endpoint",
    "load_balancer_dns_name",
    "bucket",
    "weights_uri",
    "secret_arn",
    "log_group_name",
    "topic_arn",
    "launch_template_version",
    "start_timeout_s",
)
VERBS = ("preview", "up", "destroy")


class Driver(Protocol):
    """One tool, on one fallback. OutsideFailed where the tool fails."""

    def run(self, verb: str) -> None: ...


def driver(wanted: str | None, spec: FallbackSpec, region: str, where: Path = WORK) -> Driver:
    """The tool that was asked for, or the one that is there. OutsideFailed where none is."""
    known: dict[str, Callable[[FallbackSpec, str, Path], Driver]] = {
        "terraform": TerraformDriver,
        "pulumi": PulumiDriver,
    }
    if wanted is not None and wanted not in known:
        raise BadInput(f"--with {wanted!r} is unknown", hint="terraform or pulumi")
    there = [name for name in ([wanted] if wanted else known) if shutil.which(name)]
    if not there:
        raise OutsideFailed(
            f"{wanted or 'neither terraform nor pulumi'} is {'not ' if wanted else ''}on the PATH",
            hint="install Terraform 1.7 or newer, or Pulumi 3; `llmops infra render` writes files for either",
        )
    return known[there[0]](spec, region, where / spec.name)


def root_module(spec: FallbackSpec, region: str) -> dict[str, Any]:
    """A root module of Terraform that makes the fallback; inputs that are defaults are left to the module."""
    return {
        "terraform": {"required_version": ">= 1.7"},
        "provider": {"aws": {"region": region}},
        "module": {"fallback": {"source": str(MODULES / "gpu-fallback"), **given(spec)}},
        "output": {name: {"value": f"${{module.fallback.{name}}}"} for name in OUTPUTS},
    }


def given(spec: FallbackSpec) -> dict[str, Any]:
    """The inputs that differ from the defaults, as plain data."""
    defaults = {it.name: it.default for it in spec.__dataclass_fields__.values()}
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(spec).items()}
    return {
        name: value for name, value in told.items() if getattr(spec, name) != defaults[name] and value not in ([], {})
    }


@dataclass(frozen=True)
class TerraformDriver:
    """`terraform` in a folder of its own, with a local state."""

    spec: FallbackSpec
    region: str
    folder: Path

    def run(self, verb: str) -> None:
        if verb == "destroy" and not self._made():
            raise BadInput(
                f"nothing of {self.spec.name} was made from this folder: {self.folder / STATE} holds nothing",
                hint="run it in the folder where `up` was run: the state stands there",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(root_module(self.spec, self.region), indent=2)
        (self.folder / "main.tf.json").write_text(text + "\n", encoding="utf-8")
        call(["terraform", "init", "-input=false", "-no-color", *self._plugins()], self.folder)
        words = {"preview": ["plan"], "up": ["apply", "-auto-approve"], "destroy": ["destroy", "-auto-approve"]}[verb]
        call(["terraform", *words, "-input=false", "-no-color"], self.folder)

    def _made(self) -> bool:
        """Whether the state holds anything; one that cannot be read is for Terraform to judge."""
        state = self.folder / STATE
        if not state.exists():
            return False
        try:
            told = json.loads(state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return True
        return not isinstance(told, dict) or told.get("resources") != []

    @staticmethod
    def _plugins() -> list[str]:
        try:
            return [f"-plugin-dir={plugin_dir()}"]
        except TerraformMissing:
            return []  # then it comes from the registry


@dataclass(frozen=True)
class PulumiDriver:
    """`pulumi` on a copy of the program; the state is in the backend that the user logged in to."""

    spec: FallbackSpec
    region: str
    folder: Path

    def run(self, verb: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copyfile(PROGRAM / name, self.folder / name)
        stack = ["--stack", self.spec.name]
        create = [] if verb == "destroy" else ["--create"]  # an empty stack would be destroyed with success
        call(["pulumi", "stack", "select", *create, *stack, "--non-interactive"], self.folder)
        call(["pulumi", "config", "set", "aws:region", self.region, *stack], self.folder)
        call(["pulumi", "config", "set", "fallback", json.dumps(given(self.spec)), *stack], self.folder)
        words = {"preview": ["preview"], "up": ["up", "--yes"], "destroy": ["destroy", "--yes"]}[verb]
        call(["pulumi", *words, *stack, "--non-interactive"], self.folder)


def call(words: list[str], folder: Path) -> None:
    """Run a tool; what it prints is the user's to see. OutsideFailed with its first error."""
    done = subprocess.run(words, check=False, stderr=subprocess.PIPE, text=True, cwd=folder, env={**os.environ})
    if done.returncode != 0:
        told = first_error(done.stderr)
        locked = "state lock" in told.lower() or "currently locked" in told.lower()
        hint = "somebody else is changing it: wait, or see who holds the lock" if locked else f"in {folder}"
        raise OutsideFailed(f"{words[0]} {words[1]}: {told}", hint=hint)
