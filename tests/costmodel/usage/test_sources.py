import io
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from llmops.costmodel.usage.sources import named_files
from llmops.errors import BadInput


def named(logs: Sequence[object], spool: Path, stdin: bytes = b"") -> list[tuple[str, bytes]]:
    return [
        (name, path.read_bytes()) for name, path in named_files([str(log) for log in logs], spool, io.BytesIO(stdin))
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    (logs / "deep").mkdir(parents=True)
    (logs / "b.jsonl").write_bytes(b"b")
    (logs / "a.jsonl").write_bytes(b"a")
    (logs / "deep" / "c.jsonl").write_bytes(b"c")
    (logs / "odd[1].jsonl").write_bytes(b"odd")
    return logs


def test_paths_globs_and_standard_input_in_the_order_they_are_named(folder: Path, tmp_path: Path) -> None:
    logs = ["-", folder / "**" / "[a-c].jsonl", folder / "odd[1].jsonl"]
    found = named(logs, tmp_path, b"in")
    assert [content for _, content in found] == [b"in", b"a", b"b", b"c", b"odd"]
    assert found[0][0] == "standard input"


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"piped",))
    writer.start()
    assert named([pipe], tmp_path) == [(str(pipe), b"piped")]
    writer.join()


def test_what_is_not_there_is_bad_input_with_a_hint(folder: Path, tmp_path: Path) -> None:
    cases: dict[str, list[object]] = {
        "no usage log": [],
        "cannot read .*No such file": [folder / "none.jsonl"],
        "no file matches": [folder / "*.csv"],
        "is a folder": [folder],
        "cannot read .*Not a directory": [folder / "a.jsonl" / "b"],
        "is given twice": [folder / "a.jsonl", folder / "*.jsonl"],
        "- is given twice": ["-", "-"],
    }
    for message, logs in cases.items():
        with pytest.raises(BadInput, match=message) as caught:
            named(logs, tmp_path)
        assert caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_file_is_bad_input(folder: Path, tmp_path: Path) -> None:
    (folder / "a.jsonl").chmod(0)
    with pytest.raises(BadInput, match="Permission denied"):
        named([folder / "a.jsonl"], tmp_path)
