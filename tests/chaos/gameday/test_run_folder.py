"""A run's folder: one process holds it, and what a killed one leaves can be gone on from."""

from pathlib import Path

import pytest

from llmops.chaos.gameday.run_folder import About, RunFolder, find_run, whole_lines, without_half_line
from llmops.errors import BadInput

ABOUT = About("/plans/day.yaml", "t", "2026-11-26T10:00:00+00:00", 2.0, True, 5.0)


def begun(path: Path) -> RunFolder:
    folder = RunFolder(path)
    folder.begin(ABOUT, "name: day\n")
    return folder


def test_what_a_run_was_started_with_is_read_back(tmp_path: Path) -> None:
    folder = begun(tmp_path / "gameday-1")
    assert folder.about() == ABOUT
    assert folder.plan_copy(ABOUT).read_text(encoding="utf-8") == "name: day\n"
    with pytest.raises(BadInput, match="holds a run already"):
        folder.begin(ABOUT, "")
    with pytest.raises(BadInput, match="holds no game day"):
        RunFolder(tmp_path).about()


def test_it_runs_as_long_as_somebody_holds_it(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert not folder.is_running
    with folder.held():
        assert folder.is_running
        with pytest.raises(BadInput, match="is running"), folder.held():
            pass
    assert not folder.is_running


def test_the_newest_that_runs_is_meant_else_the_newest_else_the_one_that_is_named(tmp_path: Path) -> None:
    old, new = begun(tmp_path / "gameday-1"), begun(tmp_path / "gameday-2")
    assert find_run(tmp_path, None) == new
    with old.held():
        assert find_run(tmp_path, None) == old
    assert find_run(tmp_path, "gameday-1") == old
    assert find_run(Path("elsewhere"), str(old.path)) == old
    for runs, name in ((tmp_path, "gameday-3"), (tmp_path / "none", None)):
        with pytest.raises(BadInput, match="game day"):
            find_run(runs, name)


def test_half_a_line_is_not_read_and_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": 2')
    assert list(whole_lines(path)) == [{"a": 1}]
    without_half_line(path)
    assert path.read_bytes() == b'{"a": 1}\n'
    without_half_line(path)
    assert path.read_bytes() == b'{"a": 1}\n'
    without_half_line(tmp_path / "none")
    assert list(whole_lines(tmp_path / "none")) == []
