import json
from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.costmodel.usage.containers import Records, opened, parsed_object
from llmops.costmodel.usage.reasons import NOT_JSON, NOT_UTF8
from llmops.errors import BadInput

Faults = list[str | None]


def faults_and_records(content: bytes, folder: Path) -> tuple[Faults, Records]:
    import duckdb

    path = folder / "log"
    path.write_bytes(content)
    with duckdb.connect() as connection:
        records = opened(connection, path, "log", folder)
        assert records is not None
        query = f"select fault from ({records.relation}) where not {records.is_blank}"  # noqa: S608 - our own names
        return [fault for (fault,) in connection.execute(query).fetchall()], records


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b'{"a": 1}\n{"a": 2}', [None, None]),
        (b'\n{"a": 1}\r\n  \t\n{"a": 2}\n\n', [None, None]),  # blank lines are no rows
        (b'{"a": 1}\nrubbish\n{"a": 2}\n', [None, NOT_JSON, None]),
        (b'{"a": 1}\n[1]\n{"a": 2\n{"a": 3}\n', [None, NOT_JSON, NOT_JSON, None]),
        (b'{"a": 1}\n{"a": "\xff"}\n', [None, NOT_UTF8]),
        (b'{"a": 1}\n{"a": "\x00"}\n', [None, NOT_UTF8]),
        (b'{"a": 1}\nrubbish\nmore\nand more\n', [None, NOT_JSON, NOT_JSON, NOT_JSON]),
        (b'rubbish\n{"a": 1}\n', [NOT_JSON, None]),
        (b'{"a": 1}', [None]),
        (b'[{"a": 1},\n{"a": 2}, 3]', [None, None, NOT_JSON]),
        (b'[\n{"a": 1}\n]\n', [None]),
        (b'{\n "a": {\n  "b": 1\n }\n}\n', [None]),
    ],
)
def test_every_record_of_json_is_there(content: bytes, faults: Faults, tmp_path: Path) -> None:
    found, records = faults_and_records(content, tmp_path)
    assert found == faults
    assert all("a" in record for record in records.sample)


def test_a_line_of_many_mib_is_one_record(tmp_path: Path) -> None:
    long = json.dumps({"a": "x" * (9 << 20)}).encode()
    assert faults_and_records(long + b'\n{"a": 1}\n', tmp_path)[0] == [None, None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_header(delimiter: str, tmp_path: Path) -> None:
    rows = [["a", "b, c", "d"], ["1", "x;y\nz", "3"]]
    content = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    faults, records = faults_and_records(content.encode(), tmp_path)
    assert faults == [None]
    assert records.sample == ({"a": "1", "b, c": "x;y\nz", "d": "3"},)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1, "b', "malformed or cut JSON document"),
        (b'[{"a": 1},', "malformed or cut JSON document"),
        (b"PAR1 and no more", "damaged Parquet"),
        (b"a,a\n1,2\n", "two columns named 'a'"),
        (b"a\xff,b\n1,2\n3,4\n", "the header of log is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_bad_input(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        faults_and_records(content, tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"\n \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_records(content: bytes, tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "log").write_bytes(content)
    with duckdb.connect() as connection:
        assert opened(connection, tmp_path / "log", "log", tmp_path) is None


def test_text_that_breaks_parsers_is_no_object() -> None:
    assert parsed_object("[" * 100_000) is None
    assert parsed_object("7") is None
    assert parsed_object('{"a": 1}') == {"a": 1}


def test_a_compressed_parquet_file_is_a_parquet_file(tmp_path: Path, written: Callable[..., Path]) -> None:
    import gzip

    import duckdb

    duckdb.execute(f"copy (select 1 as a) to '{tmp_path / 'plain'}' (format parquet)")
    packed = written(gzip.compress((tmp_path / "plain").read_bytes()), "packed")
    with duckdb.connect() as connection:
        records = opened(connection, packed, "packed", tmp_path)
    assert records is not None
    assert records.sample == ({"a": 1},)
