"""`llmops init`: a first llmops.yaml and first files of gates."""

import os
from pathlib import Path
from typing import Annotated

import typer

from llmops.errors import BadInput


def init(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Of the project.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Write a first llmops.yaml and gates.yaml, commented, from what is in the folder; nothing is asked.

    Beside them stands live-gates.yaml, which the runbooks ask of a few calls. Looked at are the repository, a LiteLLM
    configuration, usage logs, results of runs and templates; nothing is run or sent.

    Example: llmops init
    """
    from llmops.costmodel.usage.sniffing import log_format_of
    from llmops.playbooks.escaping import one_line
    from llmops.playbooks.first.configuration import GATES_FILE, LIVE_GATES_FILE, configuration
    from llmops.playbooks.first.gate_file import LIVE, gate_file
    from llmops.playbooks.first.looking import look

    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder", hint="name the folder of the project, or none for the current one")
    home = os.environ.get("HOME")
    seen = look(folder, log_format_of=log_format_of, metrics_of=_metrics_of, home=Path(home) if home else None)
    files = {
        folder / "llmops.yaml": configuration(seen),
        folder / GATES_FILE: gate_file(seen),
        folder / LIVE_GATES_FILE: LIVE,
    }
    _refuse_overwriting([*files], force=force)
    for file, text in files.items():
        _write(file, text)
    for line in seen.told():
        typer.echo(f"seen: {one_line(line)}", err=True)
    typer.echo(f"{', '.join(map(str, files))} are written; read them, then: llmops --help")


def _refuse_overwriting(files: list[Path], *, force: bool) -> None:
    there = [str(file) for file in files if file.exists() or file.is_symlink()]
    if there and not force:
        raise BadInput(
            f"{' and '.join(there)} {'is' if len(there) == 1 else 'are'} there already", hint="--force writes over"
        )


def _metrics_of(file: Path) -> list[str]:
    """The names of the metrics in a result that gates can read; none of any other file."""
    from datetime import UTC, datetime

    from llmops.chaos.gates.results.reading import Usable, read_result

    read = read_result(file, datetime.now(UTC))
    if not isinstance(read, Usable):
        return []
    return [each.name for each in read.result.metrics if each.value is not None]


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {file}: {error.strerror}", hint="check the folder and its permissions") from error
