"""Records that repeat others: copies of one call across all files, and spans that repeat the spans below them."""
# ruff: noqa: S608 - the SQL is put together from our own expressions

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from llmops.costmodel.usage.quoting import literal
from llmops.costmodel.usage.reasons import DUPLICATE, NOT_A_CALL
from llmops.errors import BadInput

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COUNTS = "fault is null and set_aside is null and not is_blank"


def set_aside(connection: "DuckDBPyConnection") -> None:
    """Mark in `staged` every record that would count what another one counts already."""
    _set_aside_parents(connection)
    _set_aside_duplicates(connection)


def refuse_copied_files(connection: "DuckDBPyConnection", files: Sequence[tuple[str, Path]]) -> None:
    """BadInput for two files of the same bytes whose calls have no key: each call would count twice, unseen."""
    keyless = connection.execute("select source_id from staged group by 1 having count(dedupe_key) = 0").fetchall()
    by_size: dict[int, list[tuple[str, Path]]] = defaultdict(list)
    for (source_id,) in keyless:
        by_size[files[source_id][1].stat().st_size].append(files[source_id])
    seen: dict[bytes, str] = {}
    for name, path in (file for alike in by_size.values() if len(alike) > 1 for file in alike):
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").digest()
        if digest in seen:
            raise BadInput(f"{name} is a copy of {seen[digest]}", hint="name it once, or its calls would count twice")
        seen[digest] = name


def _set_aside_parents(connection: "DuckDBPyConnection") -> None:
    """Records that count only as leaves, where a record that counts is somewhere below them."""
    if not connection.execute(f"select 1 from staged where leaf_only and {_COUNTS} limit 1").fetchall():
        return
    connection.execute(f"""
        update staged set set_aside = {literal(NOT_A_CALL)} where leaf_only and {_COUNTS} and dedupe_key in (
            with recursive above(key) as (
                select parent_key from staged where parent_key is not null and {_COUNTS}
                union
                select staged.parent_key from staged join above on staged.dedupe_key = above.key
                where staged.parent_key is not null
            ) select key from above)""")


def _set_aside_duplicates(connection: "DuckDBPyConnection") -> None:
    """All but one of the records of one format with the same key.

    Hashes are cheap to group and say which keys may repeat; the keys themselves are compared only for those.
    """
    connection.execute(f"""
        create temp table repeated as select hash(reader, dedupe_key) as h from staged
        where dedupe_key is not null and {_COUNTS} group by h having count(*) > 1""")
    if connection.execute("select 1 from repeated limit 1").fetchall():
        connection.execute(f"""
            update staged set set_aside = {literal(DUPLICATE)} where rowid in (
                select row from (
                    select rowid as row, row_number() over (
                        partition by reader, dedupe_key order by case when keep_last then -rowid else rowid end
                    ) as place from staged
                    where {_COUNTS} and hash(reader, dedupe_key) in (select h from repeated) and dedupe_key is not null
                ) where place > 1)""")
    connection.execute("drop table repeated")
