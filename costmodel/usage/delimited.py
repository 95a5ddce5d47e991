"""Delimited text (CSV): header and delimiter found by content, records counted right even where the file is dirty."""
# ruff: noqa: S608 - the SQL is put together from our own expressions; the path is quoted by `literal`

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from llmops.costmodel.usage.quoting import literal
from llmops.costmodel.usage.reasons import NOT_UTF8, WRONG_COLUMNS
from llmops.costmodel.usage.text import Text
from llmops.errors import BadInput

DELIMITERS = ",;\t|"
_FIRST_ROWS = 100
# An open quote swallows the lines that follow; after so many it is taken for a stray one.
_RECORD_LINES = 5_000


@dataclass(frozen=True)
class Table:
    """A delimited file: its header, the SQL names of its columns, and its first rows."""

    delimiter: str
    headers: tuple[str, ...]
    first_rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"c{number}" for number in range(len(self.headers)))

    @property
    def row_text(self) -> str:
        """SQL: the row as one text (quotes are gone)."""
        listed = ", ".join(f"coalesce({column}, '')" for column in self.columns)
        return f"concat_ws({literal(self.delimiter)}, {listed})"

    def strict_relation(self, text: Text) -> str:
        """Read by all cores as RFC 4180 says; DuckDB raises an error at any row that is dirty.

        (It lets pass, as we do, a delimiter too many at the end of a line.)
        """
        fault = f"case when contains({self.row_text}, {literal(text.mark)}) then {literal(NOT_UTF8)} end"
        return (
            f"select {fault if text.mark else 'NULL::varchar'} as fault, * from read_csv({literal(text.path)}, "
            f"columns={_typed(self.columns)}, delim={literal(self.delimiter)}, {_QUOTED}, skip=1, "
            f"max_line_size={max(_LINE_LIMIT_BYTES, 2 * text.longest_line_bytes)})"
        )

    def careful_relation(self, text: Text, spool: Path) -> str:
        """Read record by record, and written again as well-formed lines with what is wrong with each."""
        clean = spool / f"{text.path.name}.records"
        longest = _write_records(text, self, clean)
        columns = ["fault", "text", *self.columns]
        return (
            f"select * from read_csv({literal(clean)}, columns={_typed(columns)}, delim=',', {_QUOTED}, "
            f"max_line_size={max(_LINE_LIMIT_BYTES, longest)})"
        )


_QUOTED = "quote='\"', escape='\"', header=false, auto_detect=false"
_LINE_LIMIT_BYTES = 2 << 20  # DuckDB's own; longer lines need to be announced


def _typed(columns: Sequence[str]) -> str:
    return "{" + ", ".join(f"'{column}': 'VARCHAR'" for column in columns) + "}"


def table(text: Text, name: str) -> Table:
    """The table in a text. BadInput when its header cannot be read."""
    csv.field_size_limit(sys.maxsize)  # gateways log whole conversations
    delimiter = _delimiter(text, name)
    headers, *rows = _rows(text, delimiter, _FIRST_ROWS + 1)
    _refuse_twins(headers, name)
    return Table(delimiter, tuple(headers), tuple(map(tuple, rows)))


def _delimiter(text: Text, name: str) -> str:
    with text.path.open(encoding="utf-8", newline="\n") as file:
        head = next(line for line in file if line.strip())
    widths = {delimiter: len(next(csv.reader([head], delimiter=delimiter), ())) for delimiter in DELIMITERS}
    if text.mark and text.mark in head:
        raise BadInput(
            f"the header of {name} is not UTF-8 text", hint="convert it, for example: iconv -f latin1 -t utf-8"
        )
    return max(widths, key=widths.__getitem__)


def _rows(text: Text, delimiter: str, count: int) -> list[list[str]]:
    rows: list[list[str]] = []
    with text.path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) == count:
                break
    return rows


def _refuse_twins(headers: Sequence[str], name: str) -> None:
    twin = next((header for header in headers if header and list(headers).count(header) > 1), None)
    if twin is not None:
        raise BadInput(f"{name} has two columns named {twin!r}", hint="rename one of them")


def _write_records(text: Text, table: Table, out: Path) -> int:
    """Every record, the good and the bad, as one well-formed line; the bytes of the longest."""
    width = len(table.headers)
    longest = 0
    with (
        text.path.open(encoding="utf-8", newline="") as dirty,
        out.open("w", encoding="utf-8", newline="\n") as clean,
    ):
        writer = csv.writer(clean, quoting=csv.QUOTE_ALL, lineterminator="\n")
        records = _records(dirty, table.delimiter, width)
        next(records)  # the header
        for raw, row in records:
            is_marked = bool(text.mark) and text.mark in raw
            fault = NOT_UTF8 if is_marked else WRONG_COLUMNS if row is None else ""
            writer.writerow([fault, raw, *(row or [""] * width)])
            longest = max(longest, 16 * len(raw) + 100)  # twice the text, quotes doubled, four bytes a character
    return longest


def _records(file: TextIO, delimiter: str, width: int) -> Iterator[tuple[str, list[str] | None]]:
    """Each record's raw text and its fields, None where it has not `width` of them.

    A quote that is never closed would swallow all that follows: of a bad record over several lines only the first line
    is given up, and reading goes on with the second.
    """
    lines = _Lines(file)
    while lines.start_record():
        row = next(csv.reader(lines, delimiter=delimiter), [])
        if len(row) == width + 1 and row[-1] == "":
            row.pop()  # a delimiter at the end of the line
        if len(row) == width:
            yield "".join(lines.taken).rstrip("\n"), row
        elif row:
            yield lines.taken[0].rstrip("\n"), None
            lines.give_back_all_but_first()


class _Lines:
    """The lines of a file, with those that the record in hand has taken, which can be given back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._waiting: list[str] = []  # the next one last
        self.taken: list[str] = []

    def start_record(self) -> bool:
        """Forget the last record; False at the end of the file."""
        self.taken = []
        if not self._waiting and (line := self._file.readline()):
            self._waiting.append(line)
        return bool(self._waiting)

    def give_back_all_but_first(self) -> None:
        self._waiting.extend(reversed(self.taken[1:]))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.pop() if self._waiting else self._file.readline()
        if not line or len(self.taken) == _RECORD_LINES:
            if line:
                self._waiting.append(line)
            raise StopIteration
        self.taken.append(line)
        return line
