"""What the commands of a second terminal share: which run they speak to."""

from pathlib import Path
from typing import Annotated

import typer


def _configured(context: typer.Context, value: Path) -> Path:
    """`gameday.runs_dir` of ./llmops.yaml, where the option is not given. BadInput."""
    from llmops.chaos.gameday.config import GamedaySection
    from llmops.config import load_config, validated

    source = context.get_parameter_source("runs_dir")
    if source is not None and source.name != "DEFAULT":
        return value
    told = load_config(None).get("gameday")
    return value if told is None else Path(validated(GamedaySection, told, "gameday").runs_dir)


RunsOption = Annotated[
    Path,
    typer.Option(
        "--runs-dir",
        metavar="FOLDER",
        help="Where runs are; else `gameday.runs_dir` of ./llmops.yaml.",
        callback=_configured,
    ),
]
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
