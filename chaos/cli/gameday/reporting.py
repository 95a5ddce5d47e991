"""The report of a run from its folder, and its files beside the journals."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from llmops.renderers import renderers

if TYPE_CHECKING:
    from llmops.chaos.experiments.plan import Plan
    from llmops.chaos.gameday.loader import GamedayPlan
    from llmops.chaos.gameday.run_folder import About, RunFolder
    from llmops.ports import PriceOf
    from llmops.report import Report


def plan_of_run(folder: "RunFolder", about: "About") -> "tuple[GamedayPlan, Plan]":
    """The plan as it was when the run began, and its steps. BadInput."""
    from dataclasses import replace

    from llmops.chaos.gameday.loader import load_plan, steps_of

    plan = load_plan(folder.plan_copy(about))
    plan = replace(plan, source=replace(plan.source, file=about.plan))  # {folder} is where it was written
    return plan, steps_of(plan, speed=about.speed, priced=True)


def prices(plan: "GamedayPlan") -> "PriceOf":
    from llmops.chaos.cli.prices import price_of

    providers = plan.experiment.providers
    return price_of({name: each.simulate for name, each in providers.items() if each.simulate})


def report_of_run(folder: "RunFolder", about: "About", plan: "GamedayPlan", steps: "Plan") -> "Report":
    """What the run shows so far."""
    from llmops import __version__
    from llmops.chaos.experiments.result import About as Told
    from llmops.chaos.gameday.gameday_report import gameday_report
    from llmops.chaos.gameday.judging import found_in
    from llmops.chaos.gameday.past import read_past

    past = read_past(folder, steps)
    found = found_in(folder, plan, steps, past, prices(plan))
    told = Told(
        about.started,
        datetime.fromtimestamp(past.last_sign_at, UTC) if past.last_sign_at else about.started,
        __version__,
        system={"run": str(folder.path), plan.experiment.name: steps.system_name, "plan": about.plan},
        seed=plan.experiment.seed,
    )
    return gameday_report(plan, steps, past, found, told)


def write_report(report: "Report", folder: Path) -> None:
    """For programs, and for people."""
    from llmops.chaos.experiments.private_files import write_private

    for name, output_format in (("result.json", "json"), ("report.html", "html"), ("report.md", "md")):
        write_private(folder / name, renderers.get(output_format)().render(report))
