"""`llmops gameday resume`: a paused game day goes on, one that was killed is taken up where it was."""

from typing import Annotated

import typer

from llmops.chaos.cli.gameday.options import RUNS, RunArgument, RunsOption, said
from llmops.cli_options import FormatOption, check_format
from llmops.errors import BadInput


def resume(
    run: RunArgument = None,
    runs_dir: RunsOption = RUNS,
    plain: Annotated[bool, typer.Option("--plain", help="Lines in place of a screen.")] = False,
    output_format: FormatOption = "text",
) -> None:
    """Let a paused game day go on, or take up one whose process was killed.

    Finished phases are not repeated. The interrupted one goes on for its remaining time, after a new look at the
    baseline; the gap is shown, and where it leaves too few requests that phase is INVALID.

    Example: llmops gameday resume
    """
    from llmops.chaos.cli.gameday.holding import held_to_its_end
    from llmops.chaos.cli.gameday.reporting import plan_of_run
    from llmops.chaos.gameday.past import read_past
    from llmops.chaos.gameday.run_folder import find_run

    check_format(output_format)
    folder = find_run(runs_dir, run)
    if folder.is_running:
        said(runs_dir, str(folder.path), "go_on")
        return
    about = folder.about()
    plan, steps = plan_of_run(folder, about)
    if read_past(folder, steps).ended:
        raise BadInput(f"{folder.path} has ended", hint=f"llmops gameday report {folder.path}")
    if plan.experiment.proxy is not None:
        message = "the proxy of this run is not its own, and what it wrote meanwhile is not in the run's folder"
        raise BadInput(message, hint="hold it again")
    held_to_its_end(folder, about, output_format, plain=plain)
