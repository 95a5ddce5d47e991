import os
from pathlib import Path

import pytest

from llmops.chaos.experiments.private_files import write_private


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_the_owner_may_read_it_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_private(tmp_path / "folder" / "x", "text ü")
        write_private(tmp_path / "y", b"bytes")
    finally:
        os.umask(before)
    assert (tmp_path / "folder" / "x").read_text(encoding="utf-8") == "text ü"
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "folder" / "x", tmp_path / "y")] == [0o600, 0o600]


def test_a_file_that_was_there_is_written_anew_and_is_the_owners_then(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("much longer than what comes", encoding="utf-8")
    path.chmod(0o644)
    write_private(path, "short")
    assert path.read_text(encoding="utf-8") == "short"
    assert path.stat().st_mode & 0o777 == 0o600
