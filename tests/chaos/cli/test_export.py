"""The command: JSON on stdout or in a file, and nothing where it cannot be."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Llmops = Callable[..., Any]


def test_a_shipped_scenario_is_exported_as_json(llmops: Llmops) -> None:
    ran = llmops("chaos", "export", "provider-down")
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    assert document["tags"] == ["llmops", "provider-down"]
    assert document["method"][0]["provider"]["module"] == "llmops.chaos.experiments.chaostoolkit"


def test_a_file_may_be_written_and_it_is_one_that_run_takes_for_theirs(llmops: Llmops, tmp_path: Path) -> None:
    ran = llmops("chaos", "export", "provider-down", "--out", "x.json")
    assert (ran.code, ran.out) == (0, "")
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["version"] == "1.0.0"
    assert "--speed is not for Chaos Toolkit" in llmops("chaos", "run", "x.json", "--speed", "2").err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["provider-dwon"], "no scenario is named 'provider-dwon'"),
        (["provider-down", "--format", "litmus"], "no format is named 'litmus'"),
        (["provider-down", "--speed", "0"], "a speed of 0"),
        (["provider-down", "--out", "no/such/folder/x.json"], "cannot write"),
        (["none.yaml"], "cannot read none.yaml"),
    ],
)
def test_what_cannot_be_is_refused(llmops: Llmops, arguments: list[str], words: str) -> None:
    ran = llmops("chaos", "export", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_the_experiment_is_not_overwritten(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: b", encoding="utf-8")
    assert "would overwrite" in llmops("chaos", "export", "x.yaml", "--out", "x.yaml").err
