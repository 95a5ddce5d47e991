"""What all commands share at the command line: the form of the output, where it goes, and errors as exit codes."""

import os
import shutil
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from llmops.errors import BadInput, ExitCode
from llmops.renderers import renderers

if TYPE_CHECKING:
    from llmops.report import Report

MAX_WIDTH = 100  # columns; longer lines are hard to read

FormatOption = Annotated[str, typer.Option("--format", help=f"How to print it: {', '.join(renderers.names())}.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write to this file instead of standard output.", dir_okay=False)
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Configuration file; ./llmops.yaml where there is one.")
]


def finish(report: "Report", output_format: str, out: Path | None) -> NoReturn:
    """Print or write the report and end the process with the exit code of its verdict."""
    write_text(_rendered(report, output_format, to_screen=out is None), out)
    raise typer.Exit(report.exit_code)


def write_text(text: str, out: Path | None) -> None:
    """Print it, or write it where --out says. BadInput where that cannot be written."""
    if out is None:
        _print(text)
    else:
        _write(out, text)


def check_format(output_format: str) -> None:
    """UnknownName for a format that no renderer has: asked before the work, not after it."""
    renderers.get(output_format)


def refuse_overwriting(out: Path | None, inputs: Iterable[str | Path | None]) -> None:
    """BadInput when the report would replace what the command reads or writes besides."""
    if out is None:
        return
    for name in inputs:
        if name is not None and Path(name).resolve() == out.resolve():
            raise BadInput(f"--out {out} would overwrite {name}, which this command uses", hint="write to another file")


def day(text: str, option: str, *, today: date) -> date:
    """The date an option names: `today` or YYYY-MM-DD. BadInput otherwise."""
    if text == "today":
        return today
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{option} {text!r} is no date", hint="write it as 2026-11-25, or `today`") from error


def moment_s(text: str, option: str) -> int:
    """The epoch second an option names: a date or an ISO time, UTC where it names no zone. BadInput otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"{option} {text!r} is no time", hint="write it as 2026-11-25 or 2026-11-25T14:00:00Z"
        ) from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _rendered(report: "Report", output_format: str, *, to_screen: bool) -> str:
    renderer = renderers.get(output_format)
    if output_format == "text" and to_screen:
        from llmops.renderers.text import Text

        return Text(width=_screen_width(), color=sys.stdout.isatty() and "NO_COLOR" not in os.environ).render(report)
    return renderer().render(report)


def _screen_width() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, MAX_WIDTH)


def _print(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone; the verdict stands
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"cannot write {out}: {error.strerror}", hint="give --out a file in a folder that exists"
        ) from error


__all__ = [
    "ConfigOption",
    "ExitCode",
    "FormatOption",
    "OutOption",
    "check_format",
    "day",
    "finish",
    "moment_s",
    "refuse_overwriting",
    "write_text",
]
