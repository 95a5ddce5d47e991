"""`llmops gameday abort`: the faults are off at once, and the game day ends."""

from typing import Annotated

import typer

from llmops.chaos.cli.gameday.options import RUNS, RunOption, RunsOption, said


def abort(
    why: Annotated[str, typer.Argument(metavar="WHY", help="Stands in the report.")] = "",
    run: RunOption = None,
    runs_dir: RunsOption = RUNS,
) -> None:
    """End a game day: its faults are off at once, and its run ends with INVALID, exit code 3.

    Example: llmops gameday abort "a customer calls"
    """
    said(runs_dir, run, "abort", why)
