"""What the commands of a second terminal share: which run they speak to."""

from pathlib import Path
from typing import Annotated

import typer

RunsOption = Annotated[Path, typer.Option("--runs-dir", metavar="FOLDER", help="Where runs are.")]
RunOption = Annotated[
    str | None,
    typer.Option("--run", metavar="RUN", help="A run's folder or id; the newest that runs, or else the newest."),
]
RunArgument = Annotated[
    str | None, typer.Argument(metavar="[RUN]", help="Its folder or id; the newest that runs, or else the newest.")
]
RUNS = Path("runs")


def said(runs: Path, run: str | None, what: str, text: str = "") -> None:
    """Say it to the run, and tell which that was. BadInput."""
    from llmops.chaos.gameday.run_folder import find_run
    from llmops.chaos.gameday.words import say

    folder = find_run(runs, run)
    word = say(folder, what, text)  # type: ignore[arg-type] # the commands say what there is
    typer.echo(f"{word.what.replace('_', ' ')} {word.text}".strip() + f": {folder.path.name}", err=True)
