"""`llmops gameday check`: a plan in one look, or what is wrong with it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from llmops.cli_options import FormatOption, OutOption, check_format, finish, refuse_overwriting


def check(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The YAML file of a plan.", dir_okay=False)],
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """Read a plan as `run` will, and show its clock, faults, blast radius, limits and load; nothing is started.

    Example: llmops gameday check gameday-openrouter-2026-02-17-fake401.yaml
    """
    from llmops import __version__
    from llmops.chaos.cli.prices import price_of
    from llmops.chaos.gameday.expected_load import expected_load
    from llmops.chaos.gameday.loader import load_plan, steps_of
    from llmops.chaos.gameday.plan_report import plan_report

    started_at = datetime.now(UTC)
    check_format(output_format)
    refuse_overwriting(out, [plan])
    found = load_plan(plan)
    steps = steps_of(found, priced=True)
    kinds = {name: each.simulate for name, each in found.experiment.providers.items() if each.simulate}
    report = plan_report(
        found.experiment,
        found.gameday,
        steps,
        expected_load(found.experiment, steps.steps, price_of(kinds), started_at),
        first=[f"{plan} can be held: `llmops gameday run {plan}`."],
        started_at=started_at,
        finished_at=datetime.now(UTC),
        tool_version=__version__,
    )
    finish(report, output_format, out)
