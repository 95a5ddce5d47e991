"""Which log format a file is: the one that recognises the most of its first records, never the file's name."""
# ruff: noqa: S608 - the SQL is put together from our own expressions

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llmops.costmodel.usage.containers import Records
from llmops.costmodel.usage.fields import Fields
from llmops.costmodel.usage.readers.base import Reader, readers
from llmops.costmodel.usage.readers.mapping import Mapping
from llmops.errors import BadInput, nearest_hint

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BY_FILE = "mapping"


@dataclass(frozen=True)
class Choice:
    """A log format by name, and its reader."""

    log_format: str
    reader: Reader


def choice(records: Records, name: str, log_format: str | None, mapping: Mapping | None) -> Choice:
    """The format of a file: the one that is asked for, else by content. BadInput when none or more than one fits."""
    if mapping is not None:
        return Choice(_BY_FILE, _fitted(mapping, records, name))
    if log_format == _BY_FILE:
        raise BadInput("the format 'mapping' needs a mapping file", hint="give one with --mapping FILE")
    if log_format is not None:
        return Choice(log_format, readers.get(log_format)())
    scores = {other: _score(readers.get(other)(), records) for other in readers.names() if other != _BY_FILE}
    best = max(scores.values())
    winners = [other for other, score in scores.items() if score == best]
    if best == 0:
        raise BadInput(f"{name} is in no known log format", hint=f"{_HINT}; looked for:{_looked_for()}")
    if len(winners) > 1:
        raise BadInput(f"{name} may be {' or '.join(winners)}", hint=f"say which: --log-format {winners[0]}")
    return Choice(winners[0], readers.get(winners[0])())


_HINT = "say which one it is with --log-format, or describe it with --mapping FILE"


def _score(reader: Reader, records: Records) -> int:
    return sum(reader.recognises(record) for record in records.sample)


def _looked_for() -> str:
    """One line a format, below the hint."""
    known = [name for name in readers.names() if name != _BY_FILE]
    return "".join(f"\n       {name}: {readers.get(name).looks_for}" for name in known)


def _fitted(mapping: Mapping, records: Records, name: str) -> Mapping:
    """The mapping with the first records of the file. BadInput for a column that a table does not have."""
    fitted = replace(mapping, samples=records.sample)
    if records.fields is not None:
        for path, steps in fitted.paths().items():
            if steps[0] not in records.fields:
                raise _no_such_field(mapping, path, name, list(records.fields))
    return fitted


def check_paths(connection: "DuckDBPyConnection", mapping: Mapping, records: Records, name: str) -> None:
    """BadInput for a path at which no record of the file has anything, and none of the first ones has the key."""
    missing = {path: steps for path, steps in mapping.paths().items() if not _is_known(mapping, steps)}
    if not missing:
        return
    fields = Fields(records)
    found = ", ".join(f"count({fields(*steps)})" for steps in missing.values())
    query = f"""
        with level_one as (select *{fields.level_one()} from ({records.relation})),
        level_two as (select *{fields.level_two()} from level_one)
        select {found} from level_two"""
    counts = connection.execute(query).fetchall()[0]
    for (path, steps), count in zip(missing.items(), counts, strict=True):
        if count == 0:
            raise _no_such_field(mapping, path, name, _known_paths(mapping, steps))


def _is_known(mapping: Mapping, steps: tuple[str, ...]) -> bool:
    return any(steps[-1] in mapping.keys_at(record, steps[:-1]) for record in mapping.samples)


def _known_paths(mapping: Mapping, steps: tuple[str, ...]) -> list[str]:
    """The paths that the first records do have: siblings of the missing one, else whatever is at the top."""
    for depth in range(len(steps) - 1, -1, -1):
        above = steps[:depth]
        keys = {key for record in mapping.samples for key in mapping.keys_at(record, above)}
        if keys:
            return [".".join([*above, str(key)]) for key in keys]
    return []


def _no_such_field(mapping: Mapping, path: str, name: str, known: list[Any]) -> BadInput:
    return BadInput(f"{mapping.file}: {name} has no field {path!r}", hint=nearest_hint(path, known))
