import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmops.costmodel.usage import delimited
from llmops.costmodel.usage.reasons import WRONG_COLUMNS
from llmops.costmodel.usage.text import Text, cleaned

Row = tuple[str | None, ...]


def read(content: str, folder: Path, *, carefully: bool) -> list[Row]:
    import duckdb

    text = _text(content, folder)
    table = delimited.table(text, "log")
    relation = table.careful_relation(text, folder) if carefully else table.strict_relation(text)
    columns = ", ".join(["fault", *table.columns])
    return [tuple(row) for row in duckdb.execute(f"select {columns} from ({relation})").fetchall()]  # noqa: S608 - our own names


def _text(content: str, folder: Path) -> Text:
    path = folder / "log"
    path.write_bytes(content.encode())
    return cleaned(path, "log", folder)


cells = st.text(st.sampled_from('ab1 ,;"\n\té'), max_size=8)
tables = st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1, max_size=6))


@settings(deadline=None, max_examples=50)
@given(tables)
def test_both_ways_read_what_the_csv_module_reads(rows: list[list[str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[f"h{n}" for n in range(len(rows[0]))], *rows])
    expected = [(None, *(cell or None for cell in row)) for row in rows]
    with TemporaryDirectory() as folder:
        assert read(out.getvalue(), Path(folder), carefully=False) == expected
        assert read(out.getvalue(), Path(folder), carefully=True) == expected


lines = st.lists(st.sampled_from(["1,2", "3,4", '"5",6', "7", "8,9,10", '"open,1', 'a"b,2', '"c"d,2', ""]), max_size=12)


@settings(deadline=None, max_examples=50)
@given(lines)
def test_no_line_of_a_dirty_file_is_lost(found: list[str]) -> None:
    content = "a,b\n" + "\n".join(found)
    with TemporaryDirectory() as folder:
        rows = read(content, Path(folder), carefully=True)
    plain = {"1,2": ("1", "2"), "3,4": ("3", "4")}
    if '"open,1' not in found:
        assert len(rows) == len([line for line in found if line])
    for line, row in plain.items():
        swallowed = sum('"open,1' in other for other in found)  # a later quote may close it, around whole lines
        assert swallowed or rows.count((None, *row)) == found.count(line)


def test_an_open_quote_costs_its_own_line_only(tmp_path: Path) -> None:
    rows = read('a,b\n1,2\n"rubbish\n3,4\n5,6\n', tmp_path, carefully=True)
    assert rows == [(None, "1", "2"), (WRONG_COLUMNS, None, None), (None, "3", "4"), (None, "5", "6")]


def test_rows_of_another_width_are_faults_and_a_trailing_delimiter_is_none(tmp_path: Path) -> None:
    rows = read("a,b\n1\n1,2,3\n1,2,\n", tmp_path, carefully=True)
    assert rows == [(WRONG_COLUMNS, None, None), (WRONG_COLUMNS, None, None), (None, "1", "2")]


def test_a_field_may_be_longer_than_the_csv_module_likes(tmp_path: Path) -> None:
    long = "x" * 3_000_000
    for carefully in (False, True):
        assert read(f'a,b\n"{long}",2\n', tmp_path, carefully=carefully) == [(None, long, "2")]


def test_the_strict_way_refuses_dirt(tmp_path: Path) -> None:
    import duckdb

    with pytest.raises(duckdb.Error):
        read("a,b\n1\n", tmp_path, carefully=False)
