"""What the user named, as files on disk: paths, globs and standard input, each readable more than once."""

import stat
import sys
from collections.abc import Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import BinaryIO

from llmops.costmodel.usage.text import spooled
from llmops.errors import BadInput

STDIN = "-"


def named_files(logs: Sequence[str], spool: Path, stdin: BinaryIO | None = None) -> Iterator[tuple[str, Path]]:
    """Each log as (the name to show, a regular file). Streams are copied into `spool`.

    BadInput for a name that is missing, a folder, unreadable, or given twice; `stdin` defaults to the process's own.
    """
    names = _expanded(logs)
    _refuse_repeats(names)
    for number, name in enumerate(names):
        out = spool / f"{number}"
        if name == STDIN:
            yield "standard input", spooled(stdin or sys.stdin.buffer, out)
        else:
            yield name, _regular_file(Path(name), name, out)


def _expanded(logs: Sequence[str]) -> list[str]:
    if not logs:
        raise BadInput("no usage log is given", hint="name a file, a glob, or - for standard input")
    names: list[str] = []
    for log in logs:
        if log == STDIN or Path(log).exists() or not has_magic(log):
            names.append(log)
            continue
        found = sorted(name for name in glob(log, recursive=True) if not Path(name).is_dir())  # noqa: PTH207 - absolute too
        if not found:
            raise BadInput(f"no file matches {log}", hint="check the path; quote a glob to have it expanded here")
        names.extend(found)
    return names


def _refuse_repeats(names: Sequence[str]) -> None:
    seen: set[Path | str] = set()
    for name in names:
        identity = name if name == STDIN else Path(name).resolve()
        if identity in seen:
            raise BadInput(f"{name} is given twice", hint="name each log once, or its calls would count twice")
        seen.add(identity)


def _regular_file(path: Path, name: str, out: Path) -> Path:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise BadInput(f"{name} is a folder", hint=f"name its files, for example '{name.rstrip('/')}/*.jsonl'")
        with path.open("rb") as file:  # a pipe such as <(zcat log.gz) can be read only once
            return path if stat.S_ISREG(mode) else spooled(file, out)
    except OSError as error:
        raise BadInput(f"cannot read {name}: {error.strerror}", hint="check the path and its permissions") from error
