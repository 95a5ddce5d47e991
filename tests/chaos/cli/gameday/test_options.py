"""Where the runs of game days are: the option, else the configuration."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Llmops = Callable[..., Any]


def test_the_configuration_says_where_runs_are_and_the_option_goes_before(llmops: Llmops, tmp_path: Path) -> None:
    assert "there is no game day in runs\n" in llmops("gameday", "report").err
    (tmp_path / "llmops.yaml").write_text("gameday: {runs_dir: elsewhere}\n", encoding="utf-8")
    assert "there is no game day in elsewhere\n" in llmops("gameday", "report").err
    assert "there is no game day in elsewhere\n" in llmops("gameday", "note", "x").err
    assert "there is no game day in here\n" in llmops("gameday", "report", "--runs-dir", "here").err


def test_a_key_that_is_not_known_is_refused(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "llmops.yaml").write_text("gameday: {runs: elsewhere}\n", encoding="utf-8")
    ran = llmops("gameday", "report")
    assert (ran.code, ran.out) == (2, "")
    assert "gameday.runs" in ran.err
