"""What the commands of a game day share: how fast it is, where runs are, and which of them a word is for."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.errors import BadInput

if TYPE_CHECKING:
    from llmops.chaos.experiments.schema import Experiment

LENGTH = re.compile(r"(\d+(?:\.\d+)?) *(s|min|m|h|)")
UNITS_S = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}

SpeedOption = Annotated[
    float | None, typer.Option("--speed", help="Divides durations of phases; timers and rates stay. Else 1.")
]
DurationOption = Annotated[
    str | None,
    typer.Option("--duration", metavar="TIME", help="Of the whole run, such as 5min, in place of a speed."),
]


def speed_asked(experiment: "Experiment", speed: float | None, duration: str | None) -> float:
    """The speed that either says. BadInput."""
    from llmops.chaos.gameday.scaling import speed_for

    if speed is not None and duration is not None:
        raise BadInput("--speed and --duration say the same", hint="give one")
    if duration is None:
        return 1.0 if speed is None else speed
    given = LENGTH.fullmatch(duration.strip())
    if given is None:
        raise BadInput(f"--duration {duration!r} is no time", hint="such as 90s, 5min or 1h")
    return speed_for(experiment, float(given[1]) * UNITS_S[given[2]])


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
    str | None, typer.Argument(metavar="RUN", help="Its folder or id; the newest that runs, or else the newest.")
]
RUNS = Path("runs")


def said(runs: Path, run: str | None, what: str, text: str = "") -> None:
    """Say it to the run, and tell which that was. BadInput."""
    from llmops.chaos.gameday.run_folder import find_run
    from llmops.chaos.gameday.words import say

    folder = find_run(runs, run)
    word = say(folder, what, text)  # type: ignore[arg-type] # the commands say what there is
    typer.echo(f"{word.what.replace('_', ' ')} {word.text}".strip() + f": {folder.path.name}", err=True)
