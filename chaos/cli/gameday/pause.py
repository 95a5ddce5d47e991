"""`llmops gameday pause`: the faults are off, the load goes on, the clock stands."""

from typing import Annotated

import typer

from llmops.chaos.cli.gameday.options import RUNS, RunOption, RunsOption, said


def pause(
    why: Annotated[str, typer.Argument(metavar="WHY", help="Stands in the report.")] = "",
    run: RunOption = None,
    runs_dir: RunsOption = RUNS,
) -> None:
    """Take the faults of a game day off, and stop its clock; `llmops gameday resume` lets it go on.

    Example: llmops gameday pause "real incident elsewhere"
    """
    said(runs_dir, run, "pause", why)
