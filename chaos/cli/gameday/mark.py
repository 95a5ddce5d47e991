"""`llmops gameday mark`: the moment at which responders know, have coped, or are done."""

from typing import Annotated

import typer

from llmops.chaos.cli.gameday.options import RUNS, RunOption, RunsOption, said


def mark(
    moment: Annotated[str, typer.Argument(metavar="detected|mitigated|resolved", help="What is so from now on.")],
    run: RunOption = None,
    runs_dir: RunsOption = RUNS,
) -> None:
    """Mark a moment of a game day, from a second terminal; it is measured against the first fault on a request.

    Example: llmops gameday mark detected
    """
    said(runs_dir, run, "mark", moment)
