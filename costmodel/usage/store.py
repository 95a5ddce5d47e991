"""The usage table of some logs, and the account of every record in them."""
# ruff: noqa: S608 - the SQL is put together from our own expressions

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Self

from llmops.costmodel.usage import copies, intake
from llmops.costmodel.usage.containers import Records, opened
from llmops.costmodel.usage.intake import Stated
from llmops.costmodel.usage.quoting import identifier
from llmops.costmodel.usage.readers.mapping import Mapping as MappingReader
from llmops.costmodel.usage.recognition import Choice, check_paths, choice
from llmops.costmodel.usage.schema import COLUMNS
from llmops.costmodel.usage.sources import named_files
from llmops.errors import BadInput, NoData

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_MAYBE_CONSTANT = (
    "provider",
    "model_served",
    "model_requested",
    "processing",
    "service_tier",
    "speed",
    "status",
    "requests",
)


@dataclass(frozen=True)
class SourceIntake:
    """What became of the records of one file: read + set aside + rejected = in the file."""

    source_id: int
    name: str
    log_format: str  # "" when the file is empty
    rows_in_file: int
    rows_read: int
    set_aside: Mapping[str, int]  # by reason, in words
    rejected: Mapping[str, int]  # by reason, in words
    silent_on: frozenset[str] = frozenset()  # columns that its format never tells: see Reader.silent_on
    at_least: Mapping[str, int] = field(default_factory=dict)  # of those read: whose true counts are higher, by reason

    def __post_init__(self) -> None:
        if self.rows_read + sum(self.set_aside.values()) + sum(self.rejected.values()) != self.rows_in_file:
            raise RuntimeError(f"the rows of {self.name} do not add up: {self}")


@dataclass(frozen=True)
class UsageLog:
    """The table `usage` (schema.COLUMNS) in a connection, and the account of its sources. Close it after use."""

    connection: "DuckDBPyConnection"
    sources: tuple[SourceIntake, ...] = ()

    @property
    def rows_in_file(self) -> int:
        return sum(source.rows_in_file for source in self.sources)

    @property
    def rows_read(self) -> int:
        return sum(source.rows_read for source in self.sources)

    @property
    def rows_set_aside(self) -> int:
        return sum(self.set_aside_by_reason.values())

    @property
    def rows_rejected(self) -> int:
        return sum(self.rejected_by_reason.values())

    @property
    def set_aside_by_reason(self) -> Mapping[str, int]:
        return _added(source.set_aside for source in self.sources)

    @property
    def rejected_by_reason(self) -> Mapping[str, int]:
        return _added(source.rejected for source in self.sources)

    @property
    def at_least_by_reason(self) -> Mapping[str, int]:
        return _added(source.at_least for source in self.sources)

    @cached_property
    def constants(self) -> Mapping[str, str | int | None]:
        """The key columns that need no grouping, and the one value that stands for all of each.

        A column with one value in all rows, or none in all; and the model that was requested, where the one served is
        known in all rows and goes before it.
        """
        asked = ", ".join(f"min({name}), max({name}), count({name})" for name in _MAYBE_CONSTANT)
        rows, *found = self.connection.execute(f"select count(*), {asked} from usage").fetchall()[0]
        columns = list(zip(_MAYBE_CONSTANT, found[::3], found[1::3], found[2::3], strict=True))
        constants = {name: least for name, least, most, count in columns if least == most and count in (0, rows)}
        is_served = {name: count == rows for name, _, _, count in columns}["model_served"]
        return {**constants, "model_requested": None} if is_served else constants

    def telling(self, column: str) -> tuple[int, ...]:
        """The ids of the sources with rows whose format tells this column."""
        return tuple(it.source_id for it in self.sources if it.rows_read and column not in it.silent_on)

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_usage(  # noqa: PLR0913 - the options of one command
    logs: Sequence[str],
    *,
    log_format: str | None = None,
    mapping: Path | None = None,
    stdin: BinaryIO | None = None,
    max_rejected_percent: Decimal = Decimal(1),
    rejects: Path | None = None,
    model: tuple[str | None, str] | None = None,
) -> UsageLog:
    """The usage table of `logs`: paths, globs and "-" for standard input, of one format or of several.

    `model` (provider and name) is used for rows whose log names none. Rejected records are written to
    `rejects` as JSON lines, whatever the outcome. Raises BadInput for logs that cannot be read or told, NoData when
    there is no row, or when more than `max_rejected_percent` of the records are rejected.
    """
    named = MappingReader.load(mapping) if mapping else None
    connection = _connection()
    try:
        with tempfile.TemporaryDirectory(prefix="llmops-") as folder:
            asked = _Asked(log_format, named, Stated(*model) if model else Stated())
            files = list(named_files(logs, Path(folder), stdin))
            origins = _stage_all(connection, files, Path(folder), asked)
            copies.refuse_copied_files(connection, files)
        copies.set_aside(connection)
        if rejects is not None:
            _write_rejects(connection, origins, rejects, logs)
        sources = _accounts(connection, origins)
        _refuse_too_little(sources, max_rejected_percent)
        _finish(connection)
    except BaseException:
        connection.close()
        raise
    return UsageLog(connection, sources)


def _connection() -> "DuckDBPyConnection":
    import duckdb

    connection = duckdb.connect(
        config={
            "temp_directory": str(Path(tempfile.gettempdir()) / f"llmops-duckdb-{os.getpid()}"),
            "autoinstall_known_extensions": "false",  # nothing is fetched
        }
    )
    connection.execute("set TimeZone = 'UTC'")  # times without an offset are UTC
    return connection


class _Origin(NamedTuple):
    """Where records come from."""

    name: str
    log_format: str  # "" when the file is empty
    silent_on: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Asked:
    """What the user says about all files."""

    log_format: str | None
    mapping: MappingReader | None
    stated: Stated


def _stage_all(
    connection: "DuckDBPyConnection", files: Iterable[tuple[str, Path]], spool: Path, asked: _Asked
) -> list[_Origin]:
    """Stage every file; where each comes from, in the order of their ids."""
    connection.execute(intake.create_staged())
    origins: list[_Origin] = []
    for name, path in files:
        records = opened(connection, path, name, spool)
        if records is None:
            origins.append(_Origin(name, ""))
            continue
        chosen = choice(records, name, asked.log_format, asked.mapping)
        _stage(connection, records, _Staging(chosen, len(origins), name, asked.stated))
        origins.append(_Origin(name, chosen.log_format, chosen.reader.silent_on))
    return origins


@dataclass(frozen=True)
class _Staging:
    choice: Choice
    source_id: int
    name: str
    stated: Stated


def _stage(connection: "DuckDBPyConnection", records: Records, staging: _Staging) -> None:
    """Stage one file: by the quick way, or where DuckDB refuses it by the careful one."""
    import duckdb

    within = staging.choice.reader.nested(records)
    try:
        connection.execute(intake.insert_records(within, staging.choice, staging.source_id, staging.stated))
    except duckdb.InternalException:
        raise
    except duckdb.Error as error:
        if records.careful is None:
            raise BadInput(f"{staging.name} cannot be read", hint=str(error).partition("\n")[0]) from error
        _stage(connection, records.careful(), staging)
        return
    _check_lines(connection, within, staging.source_id, staging.name)
    if isinstance(staging.choice.reader, MappingReader):
        check_paths(connection, staging.choice.reader, within, staging.name)


def _check_lines(connection: "DuckDBPyConnection", records: Records, source_id: int, name: str) -> None:
    """Danger: a line that is lost is money that is lost, so the lines are counted by other means as well."""
    if records.lines is None:
        return
    (found,) = connection.execute("select count(*) from staged where source_id = ?", [source_id]).fetchall()[0]
    if found != records.lines:
        raise RuntimeError(f"{name} has {records.lines} lines, and {found} were read")


def _write_rejects(
    connection: "DuckDBPyConnection", origins: Sequence[_Origin], rejects: Path, logs: Sequence[str]
) -> None:
    if rejects.exists() and any(
        rejects.resolve() == Path(name).resolve() for name in [*logs, *(origin.name for origin in origins)]
    ):
        raise BadInput(f"{rejects} is one of the logs", hint="write the rejected rows to another file")
    found = connection.execute(
        f"select source_id, {_RECORD}, fault, text from staged where fault is not null order by rowid"
    )
    try:
        with rejects.open("w", encoding="utf-8") as file:
            while rows := found.fetchmany(1000):
                for source_id, record, fault, text in rows:
                    line = {"source": origins[source_id].name, "record": record, "reason": fault, "text": text}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        raise BadInput(
            f"cannot write {rejects}: {error.strerror}", hint="check the path and its permissions"
        ) from error


# Rows are staged in the order of the files; rowid counts them all.
_RECORD = "rowid - (select min(rowid) from staged as s where s.source_id = staged.source_id) + 1"


def _accounts(connection: "DuckDBPyConnection", origins: Sequence[_Origin]) -> tuple[SourceIntake, ...]:
    rows = connection.execute(
        "select source_id, fault, set_aside, case when fault is null and set_aside is null then at_least end, count(*) "
        "from staged where not is_blank group by all order by 5 desc, 2, 3, 4"
    ).fetchall()
    return tuple(
        _account(source_id, origin, [row[1:] for row in rows if row[0] == source_id])
        for source_id, origin in enumerate(origins)
    )


def _account(
    source_id: int, origin: _Origin, rows: Sequence[tuple[str | None, str | None, str | None, int]]
) -> SourceIntake:
    at_least = _added({bound: count} for _, _, bound, count in rows if bound is not None)
    rejected = _added({fault: count} for fault, _, _, count in rows if fault is not None)
    aside = _added({why: count} for fault, why, _, count in rows if fault is None and why is not None)
    return SourceIntake(
        source_id=source_id,
        name=origin.name,
        log_format=origin.log_format,
        silent_on=origin.silent_on,
        rows_in_file=sum(count for *_, count in rows),
        rows_read=sum(count for fault, why, _, count in rows if fault is None and why is None),
        set_aside=aside,
        rejected=rejected,
        at_least=at_least,
    )


def _refuse_too_little(sources: Sequence[SourceIntake], max_rejected_percent: Decimal) -> None:
    rows = sum(source.rows_in_file for source in sources)
    rejected = _added(source.rejected for source in sources)
    aside = _added(source.set_aside for source in sources)
    names = ", ".join(source.name for source in sources[:3]) + (" and others" if len(sources) > 3 else "")  # noqa: PLR2004 - three names are enough
    if rows == 0:
        raise NoData(f"{names}: no usage rows: empty", hint="check that the export holds data")
    if not any(source.rows_read for source in sources):
        raise NoData(
            f"{names}: none of {rows:,} rows could be used ({_in_words(rejected + aside)})", hint=_REJECTS_HINT
        )
    if 100 * Decimal(rejected.total()) > max_rejected_percent * rows:
        raise NoData(
            f"{names}: {rejected.total():,} of {rows:,} rows were rejected, over {max_rejected_percent} percent"
            f" ({_in_words(rejected)})",
            hint=_REJECTS_HINT,
        )


_REJECTS_HINT = "see them with --rejects FILE; allow more with --max-rejected PERCENT"


def _finish(connection: "DuckDBPyConnection") -> None:
    """Make the table `usage` of the rows that are left."""
    first = "select source_id, min(rowid) as first from staged group by source_id"
    columns = ", ".join(
        "staged.rowid - first + 1 as record" if name == "record" else f"staged.{identifier(name)}" for name in COLUMNS
    )
    connection.execute(
        f"create table usage as select {columns} from staged join ({first}) using (source_id) "
        "where fault is null and set_aside is null and not is_blank"
    )
    connection.execute("drop table staged")


def _added(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total


def _in_words(counts: Mapping[str, int]) -> str:
    return "; ".join(f"{reason}: {count:,}" for reason, count in sorted(counts.items(), key=lambda item: -item[1]))
