"""`llmops infra preview`, `up` and `destroy`, with stand-ins for the tools."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def terraform_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A terraform that writes down how it was called, alone on the PATH."""
    folder, log = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    (folder / "terraform").write_text(f'#!/bin/sh\necho "$1" >> {log}\n', encoding="utf-8")
    (folder / "terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return log


def calls(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def test_preview_changes_nothing_and_asks_nothing(
    infra: Callable[..., Any], configured: Callable[..., None], terraform_log: Path
) -> None:
    configured()
    assert infra("preview").code == 0
    assert calls(terraform_log) == ["init", "plan"]


@pytest.mark.usefixtures("nobody_there")
def test_what_costs_money_is_not_done_unasked(
    infra: Callable[..., Any], configured: Callable[..., None], terraform_log: Path
) -> None:
    configured(mode="warm")
    done = infra("up")
    assert done.code == 2
    assert "up: fb in us-east-1, warm (1 stopped, g6e.12xlarge)" in done.err
    assert "hint:  add --yes" in done.err
    assert infra("destroy").code == 2
    assert calls(terraform_log) == []


def test_destroy_says_what_it_will_do(
    infra: Callable[..., Any], configured: Callable[..., None], terraform_log: Path, tmp_path: Path
) -> None:
    configured()
    assert infra("destroy", "--yes").code == 2  # nothing was made from here
    (tmp_path / ".llmops" / "infra" / "fb").mkdir(parents=True)
    (tmp_path / ".llmops" / "infra" / "fb" / "terraform.tfstate").write_text('{"resources": [{}]}', encoding="utf-8")
    done = infra("destroy", "--yes")
    assert (done.code, calls(terraform_log)) == (0, ["init", "destroy"])
    assert "destroy: everything of fb in us-east-1, but not a bucket that holds weights" in done.err


def test_without_a_tool_it_says_so(
    infra: Callable[..., Any], configured: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    configured()
    done = infra("preview")
    assert done.code == 4
    assert "neither terraform nor pulumi is on the PATH" in done.err


def test_without_a_configuration_it_says_so(infra: Callable[..., Any]) -> None:
    done = infra("preview")
    assert done.code == 2
    assert "the configuration has no infra.fallback" in done.err


def test_up_rests_what_nobody_woke(
    infra: Callable[..., Any],
    configured: Callable[..., None],
    terraform_log: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rested: list[str] = []
    monkeypatch.setattr("llmops.infra.awake.rest", lambda _cloud, name, _say: rested.append(name))
    configured()
    assert infra("up", "--yes").code == 0
    assert calls(terraform_log) == ["init", "apply"]
    assert rested == ["fb"]


def test_up_refuses_a_type_that_cannot_hold_the_model(
    infra: Callable[..., Any], configured: Callable[..., None], terraform_log: Path
) -> None:
    configured(instance_types=["g6e.12xlarge", "g5.xlarge"])
    done = infra("up", "--yes")
    assert (done.code, "g5.xlarge does not hold meta-llama/Llama-3.3-70B-Instruct in bf16" in done.err) == (2, True)
    assert calls(terraform_log) == []
