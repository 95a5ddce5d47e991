"""`llmops init`: what it writes loads, it asks nothing, and it never overwrites unless told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LOG = Path(__file__).parents[3] / "examples" / "litellm_spend_logs.jsonl.gz"
Llmops = Callable[..., Any]


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))


def test_it_writes_its_files_and_tells_what_it_saw(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "usage.jsonl.gz").write_bytes(LOG.read_bytes())
    ran = llmops("init")
    assert (ran.code, ran.out) == (
        0,
        "llmops.yaml, gates.yaml, live-gates.yaml are written; read them, then: llmops --help\n",
    )
    assert "seen: usage log usage.jsonl.gz: litellm_spend_logs\n" in ran.err


def test_each_command_takes_what_it_wrote(llmops: Llmops, tmp_path: Path, make_run: Callable[..., Any]) -> None:
    from llmops.renderers.json import Json

    assert llmops("init").code == 0
    assert llmops("bill", LOG).code == 0
    assert llmops("tco", LOG, "--price-date", "2026-11-25").code == 0
    (tmp_path / "run.json").write_text(Json().render(make_run()), encoding="utf-8")
    ran = llmops("gate", "run.json")  # the file of gates is that of llmops.yaml
    assert (ran.code, ran.err) == (3, "")
    assert "laundered" in ran.out
    assert "there is no game day in runs" in llmops("gameday", "report").err
    assert llmops("playbook", "render", "cost-spike", "--set", "owner=ann").code == 0
    assert "the configuration has no infra.fallback" in llmops("infra", "preview").err


@pytest.mark.parametrize("name", ["llmops.yaml", "gates.yaml"])
def test_it_never_overwrites_unless_told(name: str, llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    ran = llmops("init")
    assert (ran.code, ran.out) == (2, "")
    assert f"{name} is there already" in ran.err
    assert sorted(each.name for each in tmp_path.iterdir()) == [name]
    assert (tmp_path / name).read_text() == "mine"
    assert llmops("init", "--force").code == 0
    assert (tmp_path / name).read_text() != "mine"


def test_it_writes_into_another_folder_that_is_there(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    assert llmops("init", "shop").code == 0
    assert "# llmops.yaml of shop." in (tmp_path / "shop" / "llmops.yaml").read_text()
    assert llmops("init", "gone").code == 2
