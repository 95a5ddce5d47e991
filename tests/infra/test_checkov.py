"""checkov on both sides: it stands in an environment of its own, for it pins an old boto3."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.parity.graph import Graph
from llmops.infra.parity.translate import write_terraform
from llmops.infra.terraform_cli import MODULES, Terraform

MODULE = MODULES / "gpu-fallback"
CONFIG = Path(__file__).with_name("checkov.yaml")
ROOT = Path(__file__).parents[2]
VARIABLE = "LLMOPS_CHECKOV"
OFFLINE = {
    "region": "us-east-1",
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_requesting_account_id": True,
}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def checkov() -> str:
    """The program: $LLMOPS_CHECKOV, the one of .venv-checkov, or that of the PATH; else a skip."""
    own = ROOT / ".venv-checkov" / "bin" / "checkov"
    found = os.environ.get(VARIABLE) or (str(own) if own.exists() else shutil.which("checkov"))
    if not found:
        pytest.skip(f"checkov is not installed: make an environment for checkov==3.3.30 and name it in {VARIABLE}")
    return found


def failed(checkov: str, *arguments: str, where: Path) -> tuple[int, set[str]]:
    """How many checks passed, and the ids of those that did not."""
    command = [checkov, *arguments, "--skip-download", "--output", "json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=where)
    told = json.loads(done.stdout)
    of_terraform: dict[str, Any] = told[0] if isinstance(told, list) else told
    assert of_terraform["summary"]["parsing_errors"] == 0
    return of_terraform["summary"]["passed"], {it["check_id"] for it in of_terraform["results"]["failed_checks"]}


def skipped() -> dict[str, str]:
    """What the configuration skips, with the reason of each."""
    return dict(re.findall(r"^  - (CKV2?_AWS_\d+) # (.{30,})$", CONFIG.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_skip_has_a_reason() -> None:
    lines = [line for line in CONFIG.read_text(encoding="utf-8").splitlines() if line.startswith("  - CKV")]
    assert len(lines) == len(skipped()) == 7


def test_the_module_fails_what_is_skipped_and_nothing_else(checkov: str, tmp_path: Path) -> None:
    copied = shutil.copytree(MODULE, tmp_path / "module")
    passed, wrong = failed(
        checkov, "-d", str(copied), "--framework", "terraform", "--skip-path", "tests", where=tmp_path
    )
    assert wrong == set(skipped())
    assert passed > 90


def test_the_program_fails_nothing_that_the_module_does_not(  # noqa: PLR0917 - what it needs
    checkov: str,
    graph_of: Callable[..., Graph],
    inputs: dict[str, Any],
    plugins: Path,
    account: dict[str, str],
    tmp_path: Path,
) -> None:
    write_terraform(graph_of(inputs["minimal"]), tmp_path, OFFLINE)
    terraform = Terraform(tmp_path, account, plugins)
    terraform.init()
    (tmp_path / "plan.json").write_text(json.dumps(terraform.plan()), encoding="utf-8")
    passed, wrong = failed(checkov, "-f", "plan.json", "--framework", "terraform_plan", where=tmp_path)
    assert wrong == set(skipped()) - {"CKV_AWS_46"}  # the user data is not known at plan
    assert passed > 90
