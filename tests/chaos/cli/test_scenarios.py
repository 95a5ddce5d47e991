import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments import shipped
from llmops.chaos.experiments.first import first_experiment

Llmops = Callable[..., Any]


def test_every_shipped_scenario_is_listed_with_its_faults_and_source(
    llmops: Llmops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = first_experiment("http://127.0.0.1:4000/v1", "a-scenario")
    source = "https://example.org/issues/1"
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "a-scenario.yaml").write_text(text.replace("seed: 1", f"seed: 1\nsource: {source}"), encoding="utf-8")
    monkeypatch.setattr(shipped, "FOLDER", folder)
    ran = llmops("chaos", "scenarios", "--format", "json")
    assert ran.code == 0
    table = json.loads(ran.out)["tables"][0]
    assert [list(row.values()) if isinstance(row, dict) else row for row in table["rows"]] == [
        ["a-scenario", "The backup answers when the primary is down", "unavailable", source]
    ]


def test_an_unknown_format_is_refused(llmops: Llmops) -> None:
    assert llmops("chaos", "scenarios", "--format", "pdf").code == 2
