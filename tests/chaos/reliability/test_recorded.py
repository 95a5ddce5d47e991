import gzip
import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from llmops.chaos.reliability.recorded import lines_of
from llmops.errors import BadInput


def test_lines_come_without_their_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"one\r\ntwo\n\nthree")
    assert list(lines_of(str(file))) == [b"one", b"two", b"", b"three"]


def test_gzip_is_told_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(gzip.compress(b"one\ntwo\n"))
    assert list(lines_of(str(file))) == [b"one", b"two"]


def test_cut_gzip_is_bad_input(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b"one\ntwo\n" * 100)[:-12])
    with pytest.raises(BadInput, match="is cut or damaged gzip"):
        list(lines_of(str(file)))


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        list(lines_of(str(tmp_path / "none")))


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"one\ntwo")))
    assert list(lines_of("-")) == [b"one", b"two"]
