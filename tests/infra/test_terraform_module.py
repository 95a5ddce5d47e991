"""The Terraform module: its form, its README, and its own tests with a mocked provider."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.terraform_cli import MODULES, Terraform, clean_environment, executable

MODULE = MODULES / "gpu-fallback"
README = MODULE / "README.md"


def inputs_table(inputs: dict[str, dict[str, Any]]) -> str:
    rows = [
        f"| `{name}` | {told['description']} | `{told['type']}` | {shown_default(told)} |"
        for name, told in inputs.items()
    ]
    return "\n".join(["| input | what it is | type | default |", "| --- | --- | --- | --- |", *rows])


def shown_default(told: dict[str, Any]) -> str:
    if "default" not in told:
        return "needed"
    words = {None: "none", True: "`true`", False: "`false`"}
    value = told["default"]
    if value is None or isinstance(value, bool):
        return words[value]
    return f"`{value!r}`".replace("'", '"')


def outputs_table(outputs: dict[str, dict[str, Any]]) -> str:
    rows = [f"| `{name}` | {told['description']} |" for name, told in outputs.items()]
    return "\n".join(["| output | what it is |", "| --- | --- |", *rows])


def with_table(text: str, mark: str, table: str) -> str:
    return re.sub(
        rf"(<!-- {mark}: .*? -->\n).*?(<!-- /{mark} -->)", lambda m: f"{m[1]}{table}\n{m[2]}", text, flags=re.DOTALL
    )


def test_the_readme_lists_the_inputs_and_outputs_of_the_module(
    module_inputs: dict[str, Any], module_outputs: dict[str, Any]
) -> None:
    text = README.read_text(encoding="utf-8")
    expected = with_table(
        with_table(text, "inputs", inputs_table(module_inputs)), "outputs", outputs_table(module_outputs)
    )
    if os.environ.get("LLMOPS_UPDATE_DOCS"):
        README.write_text(expected, encoding="utf-8")
        text = expected
    assert text == expected, "run LLMOPS_UPDATE_DOCS=1 pytest tests/infra/test_terraform_module.py"


def test_every_input_says_what_it_is_and_is_given_in_the_complete_example(module_inputs: dict[str, Any]) -> None:
    assert len(module_inputs) == 39
    assert [name for name, told in module_inputs.items() if not told.get("description", "").endswith(".")] == []
    complete = (MODULE / "examples" / "complete" / "main.tf").read_text(encoding="utf-8")
    missing = {name for name in module_inputs if not re.search(rf"^  {name}\s+=", complete, re.MULTILINE)}
    assert missing == {"vpc_id", "subnet_ids"}  # instead of them it makes a VPC


def test_an_input_without_a_validation_takes_any_value_of_its_type() -> None:
    text = (MODULE / "variables.tf").read_text(encoding="utf-8")
    blocks = dict(re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL))
    assert {name for name, body in blocks.items() if "validation {" not in body} == {
        "zone_id",
        "record_name",
        "primary_endpoint",
        "alarm_email",
        "force_destroy",
        "tags",
    }


@pytest.mark.usefixtures("plugins")
def test_the_files_are_formatted() -> None:
    done = subprocess.run(
        [str(executable()), "fmt", "-check", "-recursive", "-diff"],
        cwd=MODULE,
        check=False,
        capture_output=True,
        text=True,
        env=clean_environment({}),
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODULE, tmp_path / "gpu-fallback"))


@pytest.mark.parametrize("example", ["minimal", "complete"])
def test_the_examples_are_valid(terraform: Callable[[Path], Terraform], copied: Path, example: str) -> None:
    assert "The configuration is valid" in terraform(copied / "examples" / example).run("validate")


@pytest.mark.timeout(400)
def test_its_own_tests_pass_and_call_nobody(terraform: Callable[[Path], Terraform], copied: Path) -> None:
    ready = terraform(copied)
    silent = Terraform(copied, {**ready.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, ready.plugin_dir)
    closing = silent.run("test").strip().splitlines()[-1]
    assert re.fullmatch(r"Success! (\d+) passed, 0 failed\.", closing), closing
    assert list(copied.glob("*.tfstate*")) == []


def test_its_own_tests_only_plan_and_only_with_a_mocked_provider() -> None:
    files = sorted((MODULE / "tests").glob("*.tftest.hcl"))
    assert len(files) == 3
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert 'mock_provider "aws"' in text
        assert 'provider "aws"' not in text.replace('mock_provider "aws"', "")
        runs, plans = re.findall(r"^run ", text, re.MULTILINE), re.findall(r"^  command = plan$", text, re.MULTILINE)
        assert len(runs) == len(plans) > 0


def test_every_validated_input_has_a_refusal() -> None:
    refusals = (MODULE / "tests" / "refusals.tftest.hcl").read_text(encoding="utf-8")
    text = (MODULE / "variables.tf").read_text(encoding="utf-8")
    blocks = dict(re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL))
    validated = {name for name, body in blocks.items() if "validation {" in body}
    assert {name for name in validated if f"var.{name}" not in refusals} == set()
