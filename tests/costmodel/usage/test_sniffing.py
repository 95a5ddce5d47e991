"""The log format of a file by its beginning."""

import gzip
from pathlib import Path

import pytest

from llmops.costmodel.usage.readers.base import readers
from llmops.costmodel.usage.sniffing import HEAD_BYTES, log_format_of

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> Path:
    return next(file for file in sorted(SAMPLES.glob(f"{name}.*")) if file.suffix != ".toml")


@pytest.mark.parametrize("name", [each for each in readers.names() if each != "mapping"])
def test_each_format_is_known_by_its_sample(name: str) -> None:
    assert log_format_of(sample(name)) == name


@pytest.mark.parametrize(
    "data", [b"", b"hello\nworld\n", b"a,b\n1,2\n", b'{"a": 1}\n', b"\x1f\x8bno gzip", b"\xff\xfe\x00", b"[1, 2"]
)
def test_another_file_is_in_none(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(data)
    assert log_format_of(tmp_path / "x.jsonl") is None


def test_a_long_log_is_known_by_its_first_lines(tmp_path: Path) -> None:
    text = sample("llmops_journal").read_bytes()
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(text * (3 * HEAD_BYTES // len(text) + 1)))
    assert log_format_of(tmp_path / "x.jsonl.gz") == "llmops_journal"


def test_a_file_that_is_gone_is_in_none(tmp_path: Path) -> None:
    assert log_format_of(tmp_path / "gone.jsonl") is None
