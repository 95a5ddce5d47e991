"""Whether a file is there."""

from pathlib import Path

import pytest

from llmops.playbooks.lint.there import is_there


def test_a_file_and_a_folder_are_there(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert is_there(tmp_path)
    assert is_there(tmp_path / "a")


@pytest.mark.parametrize("name", ["gone", "a" * 5000, "a\0b", "../" * 3000])
def test_what_is_not_or_cannot_be_is_not_there(name: str, tmp_path: Path) -> None:
    assert not is_there(tmp_path / name)
