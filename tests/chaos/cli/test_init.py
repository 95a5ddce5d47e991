from collections.abc import Callable
from pathlib import Path
from typing import Any

Llmops = Callable[..., Any]


def test_a_first_experiment_is_written_and_is_never_overwritten(llmops: Llmops, tmp_path: Path) -> None:
    made = llmops("chaos", "init", "--base-url", "http://127.0.0.1:4000/v1")
    assert made.code == 0
    assert "first-failover.yaml is written" in made.out
    text = (tmp_path / "first-failover.yaml").read_text(encoding="utf-8")
    assert "url: http://127.0.0.1:4000/v1" in text
    again = llmops("chaos", "init", "--base-url", "http://127.0.0.1:5000/v1")
    assert (again.code, "first-failover.yaml is there already" in again.err) == (2, True)
    assert (tmp_path / "first-failover.yaml").read_text(encoding="utf-8") == text


def test_it_is_named_as_its_file(llmops: Llmops, tmp_path: Path) -> None:
    assert llmops("chaos", "init", "--base-url", "http://h/v1", "--model", "m-1", "--out", "mine.yaml").code == 0
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    assert "name: mine #" in text
    assert "model: m-1 " in text


def test_what_could_not_run_is_not_written(llmops: Llmops, tmp_path: Path) -> None:
    for arguments in (["--base-url", "gateway:4000"], ["--base-url", "http://h/v1", "--out", "Not Kebab.yaml"]):
        refused = llmops("chaos", "init", *arguments)
        assert refused.code == 2
        assert "error:" in refused.err
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told(llmops: Llmops) -> None:
    refused = llmops("chaos", "init", "--base-url", "http://h/v1", "--out", "no/such/mine.yaml")
    assert (refused.code, "cannot write no/such/mine.yaml" in refused.err) == (2, True)
