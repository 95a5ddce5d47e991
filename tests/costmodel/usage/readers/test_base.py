"""Every reader recognises its own sample and no other, and gives only columns that exist."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.costmodel.usage.containers import opened
from llmops.costmodel.usage.readers.base import DESTINATIONS, NOTHING, first_of, item, one_of, readers
from llmops.costmodel.usage.store import UsageLog

FORMATS = [name for name in readers.names() if name != "mapping"]
SAMPLES = sorted((Path(__file__).parents[1] / "samples").iterdir())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_recognised_by_its_own_reader_and_no_other(sample: Path, tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        records = opened(connection, sample, sample.name, tmp_path)
    assert records is not None
    found = [name for name in FORMATS if any(readers.get(name)().recognises(record) for record in records.sample)]
    assert found == [sample.stem]


def test_every_format_has_a_sample() -> None:
    assert {sample.stem for sample in SAMPLES} == set(FORMATS)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_the_name_of_a_file_does_not_matter(sample: Path, tmp_path: Path, usage: Callable[..., UsageLog]) -> None:
    disguised = tmp_path / "notes.txt"
    shutil.copy(sample, disguised)
    assert usage(disguised).sources[0].log_format == sample.stem


@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_gives_only_columns_that_exist(name: str) -> None:
    reading = readers.get(name)().reading(lambda *_: NOTHING)
    assert set(reading.columns) <= set(DESTINATIONS)
    assert {"input_tokens", "output_total_tokens"} <= set(reading.columns)


@pytest.mark.parametrize("name", readers.names())
def test_a_format_has_a_line_of_help_and_says_what_it_looks_for(name: str) -> None:
    assert readers.help(name).endswith(".")
    assert readers.get(name).looks_for


def test_item_follows_a_path_and_finds_nothing_where_there_is_nothing() -> None:
    record = {"a": {"b": 1}, "c": "text"}
    assert item(record, "a", "b") == 1
    assert item(record, "c", "b") is None


def test_one_of_is_false_for_null_and_first_of_takes_the_first_that_is_there() -> None:
    import duckdb

    query = f"select {one_of('NULL', 'a')}, {one_of(chr(39) + 'a' + chr(39), 'a', 'b')}, {first_of('NULL', '2', '3')}"
    assert duckdb.execute(query).fetchall() == [(False, True, 2)]
