"""Both sides of a fallback, planned by the real provider."""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.parity.graph import Graph
from llmops.infra.parity.schema import PROVIDER_VERSION
from llmops.infra.parity.translate import write_terraform
from llmops.infra.terraform_cli import MODULES, Terraform

MODULE = MODULES / "gpu-fallback"
OFFLINE = {
    "region": "us-east-1",
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_requesting_account_id": True,
}


def module_root(inputs: dict[str, Any], outputs: list[str], module: Path, provider: dict[str, Any]) -> dict[str, Any]:
    """A root module that calls ours, with its outputs, as Terraform JSON."""
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}},
        "provider": {"aws": provider},
        "module": {"fallback": {"source": str(module), **inputs}},
        "output": {name: {"value": f"${{module.fallback.{name}}}"} for name in outputs},
    }


@pytest.fixture(scope="session")
def plan_module(
    plugins: Path, account: dict[str, str], module_outputs: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., dict[str, Any]]:
    """The plan of the module under inputs; `change` may edit a copy of the module first."""

    def planned(inputs: dict[str, Any], change: Callable[[Path], None] | None = None) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("module")
        module = Path(shutil.copytree(MODULE, folder / "gpu-fallback"))
        if change is not None:
            change(module)
        root = module_root(inputs, list(module_outputs), module, OFFLINE)
        (folder / "main.tf.json").write_text(json.dumps(root), encoding="utf-8")
        return _plan(folder, account, plugins)

    return planned


@pytest.fixture(scope="session")
def plan_program(
    plugins: Path, account: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Graph], dict[str, Any]]:
    """The plan of a captured program."""

    def planned(graph: Graph) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("program")
        write_terraform(graph, folder, OFFLINE)
        return _plan(folder, account, plugins)

    return planned


def _plan(folder: Path, account: dict[str, str], plugins: Path) -> dict[str, Any]:
    terraform = Terraform(folder, account, plugins)
    terraform.init()
    return terraform.plan()


@pytest.fixture(scope="session")
def both_plans(
    plan_module: Callable[..., dict[str, Any]],
    plan_program: Callable[[Graph], dict[str, Any]],
    graph_of: Callable[..., Graph],
) -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    """The plans of both sides under the same inputs, made at the same time."""

    def planned(inputs: dict[str, Any], mode: str = "cold") -> tuple[dict[str, Any], dict[str, Any]]:
        graph = graph_of(inputs, mode)
        with ThreadPoolExecutor(2) as pool:
            ours, theirs = pool.submit(plan_module, {**inputs, "mode": mode}), pool.submit(plan_program, graph)
            return ours.result(), theirs.result()

    return planned
