"""`llmops gameday run`: a game day, from the proof that it can be ended to its report."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from llmops.chaos.cli.gameday.options import RUNS, DurationOption, RunsOption, SpeedOption, speed_asked
from llmops.cli_options import FormatOption, check_format


def run(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A plan's file; `llmops gameday plan` writes one.")],
    runs_dir: RunsOption = RUNS,
    speed: SpeedOption = None,
    duration: DurationOption = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Do not show what is injected, whatever the plan says.")
    ] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Lines in place of a screen.")] = False,
    lease: Annotated[
        float,
        typer.Option("--lease", min=1, max=600, metavar="SECONDS", help="How long a fault outlives a killed run."),
    ] = 10.0,
    output_format: FormatOption = "text",
) -> None:
    """Hold a game day: a healthy baseline, a canary that ends by its lease, then the phases; `--blind` hides them.

    A second terminal speaks to it: `llmops gameday note|mark|pause|resume|skip|abort`. Exit codes are those of
    `llmops chaos run`; a game day that was aborted, by hand or by its own conditions, is INVALID: 3.

    Example: llmops gameday run gameday-openrouter-2026-02-17-fake401.yaml --speed 60
    """
    from llmops.chaos.cli.gameday.holding import held_to_its_end, refuse_cap_without_prices
    from llmops.chaos.experiments.loader import read_text
    from llmops.chaos.gameday.loader import load_plan, steps_of
    from llmops.chaos.gameday.run_folder import KIND, About, RunFolder
    from llmops.report import report_id

    check_format(output_format)
    loaded = load_plan(plan)
    times = speed_asked(loaded.experiment, speed, duration)
    steps_of(loaded, speed=times, priced=True)
    refuse_cap_without_prices(loaded)
    started_at = datetime.now(UTC)
    about = About(
        str(plan.resolve()),
        f"{started_at:%y%m%d%H%M%S%f}",
        started_at.isoformat(),
        times,
        blind or loaded.gameday.blind,
        lease,
    )
    folder = RunFolder(runs_dir / report_id(KIND, started_at))
    folder.begin(about, read_text(plan))
    typer.echo(f"run {folder.path}", err=True)
    held_to_its_end(folder, about, output_format, plain=plain)
