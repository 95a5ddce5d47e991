"""`llmops gameday note`: what somebody saw or thought, into the run's journal."""

from typing import Annotated

import typer

from llmops.chaos.cli.gameday.options import RUNS, RunOption, RunsOption, said


def note(
    text: Annotated[str, typer.Argument(metavar="TEXT", help='"action: …" becomes an action item of the report.')],
    run: RunOption = None,
    runs_dir: RunsOption = RUNS,
) -> None:
    """Write a note into a game day, from a second terminal.

    Example: llmops gameday note "action: alert on the share of 401s"
    """
    said(runs_dir, run, "note", text)
