import gzip
import io
from pathlib import Path

import pytest

from llmops.costmodel.usage import text
from llmops.costmodel.usage.text import cleaned, gunzipped, spooled
from llmops.errors import BadInput

MARK = "\ufdd0"


@pytest.fixture(params=[3, 4 << 20])
def chunk_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """What is read at once: so little that everything straddles a border, and as much as usual."""
    monkeypatch.setattr(text, "CHUNK_BYTES", request.param)
    return int(request.param)


def put(folder: Path, content: bytes) -> Path:
    path = folder / "log"
    path.write_bytes(content)
    return path


@pytest.mark.usefixtures("chunk_bytes")
def test_a_clean_file_is_used_where_it_is(tmp_path: Path) -> None:
    path = put(tmp_path, "a\nbß€\n\nc".encode())
    found = cleaned(path, "log", tmp_path)
    assert (found.path, found.lines, found.mark) == (path, 4, "")


@pytest.mark.usefixtures("chunk_bytes")
@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        (b"\xef\xbb\xbfa\nb\n", "a\nb\n"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (b"a\nb\nc\xff\xfed\ne", f"a\nb\nc{MARK}{MARK}d\ne"),
        (b"a\nb\nc\x00d\n", f"a\nb\nc{MARK}d\n"),
        (b"a\nb\nc\xe2\x82", f"a\nb\nc{MARK}"),  # cut inside of a character
    ],
)
def test_a_dirty_file_is_copied_clean(tmp_path: Path, dirty: bytes, clean: str) -> None:
    found = cleaned(put(tmp_path, dirty), "log", tmp_path)
    assert found.path.read_text(encoding="utf-8") == clean
    assert found.lines == len(clean.splitlines())


@pytest.mark.usefixtures("chunk_bytes")
def test_the_mark_is_a_character_that_the_text_does_not_have(tmp_path: Path) -> None:
    found = cleaned(put(tmp_path, f"{MARK}\nb\n".encode() + b"\xff\n"), "log", tmp_path)
    assert found.mark == "\ufdd1"
    assert found.path.read_text(encoding="utf-8") == f"{MARK}\nb\n\ufdd1\n"


@pytest.mark.usefixtures("chunk_bytes")
def test_half_the_lines_may_be_broken_and_more_are_another_encoding(tmp_path: Path) -> None:
    assert cleaned(put(tmp_path, b"\xff\na\n"), "log", tmp_path).lines == 2
    with pytest.raises(BadInput, match=r"not UTF-8 text \(2 of 3 lines\)") as caught:
        cleaned(put(tmp_path, b"\xff\na\n\xfe\n"), "log", tmp_path)
    assert "iconv" in caught.value.hint


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_refused_with_a_hint(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(BadInput, match="not UTF-8 text") as caught:
        cleaned(put(tmp_path, '{"id": 1}\n'.encode(encoding)), "log", tmp_path)
    assert "iconv" in caught.value.hint


@pytest.mark.parametrize("size", [1 << 20, 3 << 20, 9 << 20])
def test_a_long_line_is_announced(tmp_path: Path, size: int) -> None:
    found = cleaned(put(tmp_path, b"a\n" + b"x" * size + b"\nb\n"), "log", tmp_path)
    assert found.longest_line_bytes >= size
    assert found.lines == 3


def test_gzip_is_told_by_content_and_may_be_nested(tmp_path: Path) -> None:
    path = put(tmp_path, gzip.compress(gzip.compress(b"a\nb\n")))
    assert gunzipped(path, "log", tmp_path).read_bytes() == b"a\nb\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"some text" * 100, mtime=0)[:-9], "ends early"),
        (gzip.compress(b"some text" * 100, mtime=0)[:30] + b"garbage" * 9, "damaged"),
        (b"PK\x03\x04....", "compressed by zip"),
        (b"\x28\xb5\x2f\xfd....", "compressed by zstandard"),
    ],
)
def test_cut_damaged_and_other_compression_is_bad_input(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        gunzipped(put(tmp_path, content), "log", tmp_path)
    assert caught.value.hint


def test_a_stream_is_kept_whole(tmp_path: Path) -> None:
    assert spooled(io.BytesIO(b"abc"), tmp_path / "out").read_bytes() == b"abc"
