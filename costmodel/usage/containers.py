"""What holds the records (JSON lines, a JSON document, CSV, Parquet), told by content, as one SQL relation."""
# ruff: noqa: S608 - the SQL is put together from our own expressions; paths and names are quoted by `literal`

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmops.costmodel.usage import delimited
from llmops.costmodel.usage.quoting import identifier, literal
from llmops.costmodel.usage.reasons import NOT_JSON, NOT_UTF8
from llmops.costmodel.usage.text import PARQUET_MAGIC, Text, cleaned, gunzipped
from llmops.errors import BadInput

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAMPLE_RECORDS = 100
_SAMPLE_BYTES = 4 << 20
_LINE_LIMIT_BYTES = 2 << 20  # DuckDB's own; longer lines need to be announced


@dataclass(frozen=True)
class Records:
    """The records of one file as a relation with `fault` (why it is no record, or NULL) and their fields.

    `fields` are SQL text expressions by field name; None says that the column `text` is a JSON object with the fields.
    """

    relation: str
    fields: Mapping[str, str] | None = None
    sample: tuple[Mapping[str, Any], ...] = ()  # the first of them, for recognising the format
    text: str = ""  # SQL: the record as it was; "" where only its fields are at hand
    mark: str = ""  # stands in the text where the file was not UTF-8
    lines: int | None = None  # how many rows the relation must have, blank lines included, where they were counted
    is_blank: str = "false"  # SQL: the row is a blank line
    careful: Callable[[], "Records"] | None = None  # the slow way, for when DuckDB refuses the relation


def opened(connection: "DuckDBPyConnection", path: Path, name: str, spool: Path) -> Records | None:
    """The records of a file, or None when it is empty. BadInput when they cannot be told."""
    path = gunzipped(path, name, spool)
    with path.open("rb") as file:
        head = file.read(len(PARQUET_MAGIC))
    if head == PARQUET_MAGIC:
        return _parquet(connection, path, name)
    text = cleaned(path, name, spool)
    lines = _first_lines(text.path)
    if not lines:
        return None
    if _are_json_lines(lines):
        return _json_lines(text, lines)
    if lines[0].lstrip()[:1] in ("{", "["):
        return _json_document(connection, text, name)
    return _delimited(text, name, spool)


def _first_lines(path: Path) -> list[str]:
    """The first lines that are not blank; the first one whole, even if it is long."""
    with path.open(encoding="utf-8", newline="\n") as file:
        lines: list[str] = []
        size = 0
        for line in file:
            if line.strip():
                lines.append(line)
            size += len(line)
            if len(lines) == SAMPLE_RECORDS or size > _SAMPLE_BYTES:
                break
    return lines


def _are_json_lines(lines: list[str]) -> bool:
    """The first line is a whole JSON object, or half of them are; elements of a list are not meant."""
    if lines[0].strip() == "[":
        return False
    objects = sum(parsed_object(line) is not None for line in lines)
    return parsed_object(lines[0]) is not None or 2 * objects >= len(lines)


def parsed_object(text: str) -> Mapping[str, Any] | None:
    """The JSON object in a text, or None when there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _json_lines(text: Text, lines: list[str]) -> Records:
    # One column, no quotes, and a delimiter that ends the line: every line is one row, whatever is in it.
    limit = max(_LINE_LIMIT_BYTES, text.longest_line_bytes + 1)
    source = (
        f"select line as text from read_csv({literal(text.path)}, columns={{'line': 'VARCHAR'}}, delim='\n', quote='', "
        f"escape='', header=false, auto_detect=false, max_line_size={limit})"
    )
    sample = tuple(found for line in lines if (found := parsed_object(line)) is not None)
    relation = f"select {_json_fault(text.mark)} as fault, text from ({source})"
    is_blank = "(text is null or trim(text, ' \t\v\f') = '')"
    return Records(relation, None, sample, "text", text.mark, text.lines, is_blank)


def _json_document(connection: "DuckDBPyConnection", text: Text, name: str) -> Records:
    """A list of objects, or one object over many lines."""
    import duckdb

    document = f"select content from read_text({literal(text.path)})"
    try:
        is_valid, is_list = connection.execute(
            f"select json_valid(content), starts_with(ltrim(content, E' \\n\\t'), '[') from ({document})"
        ).fetchall()[0]
    except duckdb.Error as error:
        raise BadInput(f"{name}: {error}", hint="write one JSON object a line instead") from error
    if not is_valid:
        raise BadInput(
            f"{name} is a malformed or cut JSON document", hint="write one JSON object a line, or mend the document"
        )
    source = f"select unnest(json_extract(content, '$[*]'))::varchar from ({document})" if is_list else document
    relation = f"select {_json_fault(text.mark)} as fault, text from ({source}) as found(text)"
    found = connection.execute(f"select text from ({relation}) limit {SAMPLE_RECORDS}").fetchall()
    sample = tuple(record for (text,) in found if (record := parsed_object(text)) is not None)
    return Records(relation, None, sample, "text", text.mark)


def _json_fault(mark: str) -> str:
    is_marked = f"when contains(text, {literal(mark)}) then {literal(NOT_UTF8)} " if mark else ""
    is_object = "starts_with(ltrim(text, ' \n\t'), '{') and json_valid(text)"
    return f"case {is_marked}when not ({is_object}) then {literal(NOT_JSON)} end"


def _delimited(text: Text, name: str, spool: Path) -> Records:
    table = delimited.table(text, name)

    def records(relation: str, record_text: str) -> Records:
        fields = {header: column for header, column in zip(table.headers, table.columns, strict=True) if header}
        rows = [dict(zip(table.headers, row, strict=False)) for row in table.first_rows]
        return Records(relation, fields, tuple(rows) or (dict.fromkeys(table.headers, ""),), record_text, text.mark)

    return replace(
        records(table.strict_relation(text), table.row_text),
        careful=lambda: records(table.careful_relation(text, spool), "text"),
    )


def _parquet(connection: "DuckDBPyConnection", path: Path, name: str) -> Records:
    import duckdb

    source = f"read_parquet({literal(path)})"
    try:
        described = connection.execute(f"describe select * from {source}").fetchall()
        fields = {column: _parquet_text(column, kind) for column, kind, *_ in described}
        rows = connection.execute(f"select to_json(r)::varchar from {source} r limit {SAMPLE_RECORDS}").fetchall()
    except duckdb.Error as error:
        raise BadInput(f"{name} is a damaged Parquet file", hint=str(error).partition("\n")[0]) from error
    sample = tuple(record for (text,) in rows if (record := parsed_object(text)) is not None)
    relation = f"select NULL::varchar as fault, * from {source}"
    return Records(relation, fields, sample or (dict.fromkeys(fields),))


def _parquet_text(column: str, kind: str) -> str:
    quoted = identifier(column)
    is_nested = kind.startswith(("STRUCT", "MAP", "UNION")) or kind.endswith("]") or kind == "JSON"
    return f"to_json({quoted})::varchar" if is_nested else f"{quoted}::varchar"
