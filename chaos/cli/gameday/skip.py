"""`llmops gameday skip`: the phase that is under way ends now."""

from typing import Annotated

import typer

from llmops.chaos.cli.gameday.options import RUNS, RunOption, RunsOption, said


def skip(
    why: Annotated[str, typer.Argument(metavar="WHY", help="Stands in the report.")] = "",
    run: RunOption = None,
    runs_dir: RunsOption = RUNS,
) -> None:
    """End the phase of a game day that is under way; it is INVALID where it has sent too few requests.

    Example: llmops gameday skip "we have seen enough"
    """
    said(runs_dir, run, "skip", why)
