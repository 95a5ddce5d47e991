"""Pulumi or Terraform, each as a stand-in executable that writes down how it was called."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import BadInput, OutsideFailed
from llmops.infra.driving import driver, given, root_module
from llmops.infra.spec import FallbackSpec, spec_from
from llmops.infra.terraform_cli import MODULES


@pytest.fixture
def spec(inputs: dict[str, Any]) -> FallbackSpec:
    return spec_from(inputs["minimal"])


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts executables of these names, and nothing else but the system's, on the PATH; they log their arguments."""

    def put(*names: str, fails: str = "") -> Path:
        folder, log = tmp_path / "bin", tmp_path / "calls.jsonl"
        folder.mkdir()
        for name in names:
            script = f'#!/bin/sh\necho "{name} $*" >> {log}\n'
            if fails:
                script += (
                    f'case "$*" in *{fails}*) printf "Error: Error acquiring the state lock\\n" >&2; exit 1;; esac\n'
                )
            (folder / name).write_text(script, encoding="utf-8")
            (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
        return log

    return put


def test_inputs_that_are_defaults_are_left_to_the_module(spec: FallbackSpec, inputs: dict[str, Any]) -> None:
    assert given(spec) == inputs["minimal"]
    assert spec_from(given(spec_from(inputs["complete"]))) == spec_from(inputs["complete"])


def test_the_root_calls_the_module_that_ships(spec: FallbackSpec, module_outputs: dict[str, Any]) -> None:
    root = root_module(spec, "eu-west-1")
    assert root["provider"] == {"aws": {"region": "eu-west-1"}}
    assert root["module"]["fallback"]["source"] == str(MODULES / "gpu-fallback")
    assert set(root["output"]) < set(module_outputs)


@pytest.mark.parametrize(
    ("verb", "words"), [("preview", "plan"), ("up", "apply -auto-approve"), ("destroy", "destroy -auto-approve")]
)
def test_terraform_is_called_in_a_folder_of_its_own(
    spec: FallbackSpec, tools: Any, tmp_path: Path, verb: str, words: str
) -> None:
    log = tools("terraform")
    (tmp_path / "work" / "fb").mkdir(parents=True)
    (tmp_path / "work" / "fb" / "terraform.tfstate").write_text('{"resources": [{}]}', encoding="utf-8")
    driver(None, spec, "us-east-1", tmp_path / "work").run(verb)
    init, call = log.read_text(encoding="utf-8").splitlines()
    assert init.startswith("terraform init -input=false")
    assert call == f"terraform {words} -input=false -no-color"
    written = json.loads((tmp_path / "work" / "fb" / "main.tf.json").read_text(encoding="utf-8"))
    assert written["module"]["fallback"]["name"] == "fb"


@pytest.mark.parametrize("state", [None, '{"resources": []}'])
def test_what_was_not_made_from_this_folder_is_not_said_to_be_destroyed(
    spec: FallbackSpec, tools: Any, tmp_path: Path, state: str | None
) -> None:
    log = tools("terraform")
    if state is not None:
        (tmp_path / "fb").mkdir()
        (tmp_path / "fb" / "terraform.tfstate").write_text(state, encoding="utf-8")
    with pytest.raises(BadInput, match="nothing of fb was made from this folder"):
        driver(None, spec, "us-east-1", tmp_path).run("destroy")
    assert not log.exists()


@pytest.mark.parametrize(("verb", "words"), [("preview", "preview"), ("up", "up --yes"), ("destroy", "destroy --yes")])
def test_pulumi_is_called_on_a_copy_of_the_program(
    spec: FallbackSpec, tools: Any, tmp_path: Path, verb: str, words: str
) -> None:
    log = tools("pulumi")
    driver(None, spec, "us-east-1", tmp_path / "work").run(verb)
    calls = log.read_text(encoding="utf-8").splitlines()
    create = "" if verb == "destroy" else "--create "  # an empty stack would be destroyed with success
    assert calls[0] == f"pulumi stack select {create}--stack fb --non-interactive"
    assert calls[1] == "pulumi config set aws:region us-east-1 --stack fb"
    config = re.fullmatch(r"pulumi config set fallback (\{.*\}) --stack fb", calls[2])
    assert config is not None
    assert spec_from(json.loads(config[1])) == spec
    assert calls[3:] == [f"pulumi {words} --stack fb --non-interactive"]
    assert {it.name for it in (tmp_path / "work" / "fb").iterdir()} == {"Pulumi.yaml", "__main__.py"}


def test_the_tool_that_is_asked_for_is_taken(spec: FallbackSpec, tools: Any, tmp_path: Path) -> None:
    log = tools("terraform", "pulumi")
    driver("pulumi", spec, "us-east-1", tmp_path / "work").run("preview")
    assert {line.split()[0] for line in log.read_text(encoding="utf-8").splitlines()} == {"pulumi"}


def test_neither_tool_is_said(spec: FallbackSpec, tools: Any, tmp_path: Path) -> None:
    tools()
    with pytest.raises(OutsideFailed, match="neither terraform nor pulumi is on the PATH"):
        driver(None, spec, "us-east-1", tmp_path)
    with pytest.raises(OutsideFailed, match="pulumi is not on the PATH"):
        driver("pulumi", spec, "us-east-1", tmp_path)
    with pytest.raises(BadInput, match="--with 'cdk' is unknown"):
        driver("cdk", spec, "us-east-1", tmp_path)


def test_a_locked_state_is_said(spec: FallbackSpec, tools: Any, tmp_path: Path) -> None:
    tools("terraform", fails="apply")
    with pytest.raises(OutsideFailed) as failed:
        driver(None, spec, "us-east-1", tmp_path / "work").run("up")
    assert str(failed.value) == "terraform apply: Error acquiring the state lock"
    assert failed.value.hint == "somebody else is changing it: wait, or see who holds the lock"
