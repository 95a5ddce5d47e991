"""Bytes to clean text: gunzipped, UTF-8, line feeds only, with a mark where bytes were not text."""

import codecs
import gzip
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from llmops.errors import BadInput

CHUNK_BYTES = 4 << 20
_MIB = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
PARQUET_MAGIC = b"PAR1"
_OTHER_MAGIC = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstandard"}
_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# Unicode sets these apart for internal use, so a text hardly ever holds one; one that it does not hold is the mark.
_NONCHARACTERS = tuple(chr(code) for code in range(0xFDD0, 0xFDF0))


@dataclass(frozen=True)
class Text:
    """A UTF-8 file on disk, with line feeds only. `mark` stands where the original had no text, "" where all was."""

    path: Path
    lines: int  # the last one may lack its line feed
    longest_line_bytes: int
    mark: str = ""


@dataclass
class _Scan:
    lines: int = 0
    longest_line_bytes: int = 0
    open_line_bytes: int = 0  # of the line that goes on in the next chunk
    is_clean: bool = True
    possible_marks: tuple[str, ...] = _NONCHARACTERS


def gunzipped(path: Path, name: str, spool: Path) -> Path:
    """`path`, or where it is gzip (perhaps twice) the plain bytes in `spool`. BadInput when it is damaged or cut."""
    while (head := _head(path, 8)).startswith(GZIP_MAGIC):
        out = spool / f"{path.name}.plain"
        try:
            with gzip.open(path) as packed, out.open("wb") as plain:
                shutil.copyfileobj(packed, plain, CHUNK_BYTES)
        except EOFError as error:
            raise BadInput(f"{name} ends early: the gzip file is cut", hint="copy or download it again") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BadInput(f"{name} is a damaged gzip file: {error}", hint="copy or download it again") from error
        path = out
    for magic, kind in _OTHER_MAGIC.items():
        if head.startswith(magic):
            raise BadInput(f"{name} is compressed by {kind}, and only gzip is read", hint="decompress it first")
    return path


def cleaned(path: Path, name: str, spool: Path) -> Text:
    """The file itself where it is clean text, else a clean copy in `spool`. BadInput when it is hardly UTF-8 at all."""
    _refuse_wide_characters(_head(path, 4096), name)
    scan = _scanned(path)
    if scan.is_clean:
        return Text(path, scan.lines, scan.longest_line_bytes)
    mark = scan.possible_marks[0]
    out = spool / f"{path.name}.clean"
    broken_lines = _copied_clean(path, out, mark)
    scan = _scanned(out)
    if 2 * broken_lines > scan.lines:
        raise BadInput(
            f"{name} is not UTF-8 text ({broken_lines:,} of {scan.lines:,} lines)",
            hint="convert it, for example: iconv -f latin1 -t utf-8",
        )
    return Text(out, scan.lines, scan.longest_line_bytes, mark)


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _refuse_wide_characters(head: bytes, name: str) -> None:
    kind = next((kind for mark, kind in _WIDE_MARKS.items() if head.startswith(mark)), None)
    if kind is None and 4 * head.count(0) > len(head):  # UTF-16 of Latin text: every second byte
        kind = "UTF-16 or binary"
    if kind:
        raise BadInput(f"{name} is {kind}, not UTF-8 text", hint="convert it, for example: iconv -f utf-16 -t utf-8")


def _scanned(path: Path) -> _Scan:
    """One pass at the speed of memory: counts, and whether the text can be used as it is."""
    scan = _Scan()
    decoder = codecs.getincrementaldecoder("utf-8")()
    before = b""
    for number, chunk in enumerate(_chunks(path)):
        has_bom = number == 0 and chunk.startswith(codecs.BOM_UTF8)
        is_plain = not has_bom and b"\r" not in chunk and b"\0" not in chunk
        scan.is_clean = scan.is_clean and is_plain and _decodes(decoder, chunk)
        _measure_lines(scan, chunk)
        _drop_marks_in(before + chunk, scan)
        before = chunk[-2:]  # a mark has three bytes
    scan.is_clean = scan.is_clean and _decodes(decoder, b"", final=True)
    scan.lines += scan.open_line_bytes > 0
    return scan


def _measure_lines(scan: _Scan, chunk: bytes) -> None:
    """Count lines; measure them where one may be long (they are short where each MiB has a line feed)."""
    scan.lines += chunk.count(b"\n")
    if all(chunk.find(b"\n", at, at + _MIB) >= 0 for at in range(0, len(chunk), _MIB)):
        scan.longest_line_bytes = max(scan.longest_line_bytes, 2 * _MIB, scan.open_line_bytes + chunk.find(b"\n"))
        scan.open_line_bytes = len(chunk) - chunk.rfind(b"\n") - 1
        return
    first, *others = chunk.split(b"\n")
    scan.longest_line_bytes = max(scan.longest_line_bytes, scan.open_line_bytes + len(first), *map(len, others))
    scan.open_line_bytes = len(others[-1]) if others else scan.open_line_bytes + len(first)


def _drop_marks_in(chunk: bytes, scan: _Scan) -> None:
    if b"\xef\xb7" in chunk:  # the first bytes of U+FDD0 and its like
        free = tuple(mark for mark in scan.possible_marks if mark.encode() not in chunk)
        scan.possible_marks = free or scan.possible_marks[-1:]


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    if chunk.isascii() and decoder.getstate()[0] == b"" and not final:
        return True  # many times as fast
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _copied_clean(path: Path, out: Path, mark: str) -> int:
    """Write the text with line feeds only and `mark` for all that is none; the number of lines with a mark."""
    codecs.register_error(f"llmops-{ord(mark):x}", lambda error: (mark, getattr(error, "end", 0)))
    broken_lines = 0
    with (
        path.open(encoding="utf-8-sig", errors=f"llmops-{ord(mark):x}", newline=None) as dirty,
        out.open("w", encoding="utf-8", newline="\n") as clean,
    ):
        tail_is_broken = False
        while chunk := dirty.read(CHUNK_BYTES):
            marked = chunk.replace("\0", mark)
            clean.write(marked)
            if mark not in marked and not tail_is_broken:
                continue
            broken = [mark in line for line in marked.split("\n")]
            broken[0] = broken[0] or tail_is_broken
            broken_lines += sum(broken[:-1])
            tail_is_broken = broken[-1]
    return broken_lines + tail_is_broken


def spooled(stream: BinaryIO, out: Path) -> Path:
    """All that a stream has, in a file: logs are read more than once."""
    with out.open("wb") as file:
        shutil.copyfileobj(stream, file, CHUNK_BYTES)
    return out


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
