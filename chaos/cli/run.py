"""`llmops chaos run`: an experiment, from the first process to the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.chaos.cli.ending import until_ended
from llmops.cli_options import FormatOption, check_format, finish
from llmops.errors import BadInput
from llmops.live import progress
from llmops.renderers import renderers

if TYPE_CHECKING:
    from llmops.chaos.experiments.plan import Plan
    from llmops.chaos.experiments.result import Ran
    from llmops.chaos.experiments.schema import Experiment
    from llmops.chaos.experiments.session import Session
    from llmops.chaos.experiments.stepping import Left
    from llmops.report import Report


def run(
    experiments: Annotated[
        list[str],
        typer.Argument(
            metavar="EXPERIMENT...", help="YAML files, names of `llmops chaos scenarios`, or Chaos Toolkit files."
        ),
    ],
    target: Annotated[
        str | None, typer.Option("--target", metavar="URL", help="Run against this system, which runs already.")
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", metavar="NAME:VALUE", help="Sent to the target; {env.NAME} stands for a variable."),
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", metavar="NAME", help="Run against this known system, such as litellm.")
    ] = None,
    speed: Annotated[float, typer.Option("--speed", help="Divides durations of phases; timers and rates stay.")] = 1.0,
    repetitions: Annotated[int | None, typer.Option("--repetitions", min=1, help="In place of the file's.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="In place of the file's.")] = None,
    parallel: Annotated[int, typer.Option("--parallel", min=1, help="So many experiments at once.")] = 1,
    lease: Annotated[
        float,
        typer.Option("--lease", min=1, max=600, metavar="SECONDS", help="How long a fault outlives a killed run."),
    ] = 10.0,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Journals and reports; runs/ID unless given.")
    ] = None,
    output_format: FormatOption = "text",
) -> None:
    """Break on purpose and judge: baseline, faults, recovery; PASS, FAIL (exit 1) or INVALID (exit 3).

    Example: llmops chaos run first-failover.yaml
    """
    from llmops.chaos.cli.toolkit_run import is_theirs, run_theirs
    from llmops.chaos.experiments.driver import LEASE_S
    from llmops.chaos.experiments.session import Session
    from llmops.report import report_id

    check_format(output_format)
    if any(map(is_theirs, experiments)):
        not_theirs = {
            "--target": target, "--header": header, "--system": system, "--speed": speed != 1,
            "--repetitions": repetitions, "--seed": seed is not None, "--parallel": parallel != 1,
            "--lease": lease != LEASE_S,
        }  # fmt: skip
        run_theirs(experiments, not_theirs, out, output_format)
    asked = Asked(target, header or [], system, speed, repetitions, seed)
    plans = [asked.plan(word) for word in experiments]
    _refuse_twins(plans)
    if target is not None:
        _tell_where_to_point(plans)
    started_at = datetime.now(UTC)
    folder = out or Path("runs") / report_id("chaos", started_at)
    with progress() as show:
        session = Session(folder, _token(started_at), parallel=parallel, lease_s=lease, show=show)
        left = _run(session, plans)
    report = _report(plans, left, session, started_at)
    _write(report, folder)
    finish(report, output_format, None)


@dataclass(frozen=True)
class Asked:
    """What the command line changes of an experiment."""

    target: str | None
    headers: Sequence[str]
    system: str | None
    speed: float
    repetitions: int | None
    seed: int | None

    def plan(self, word: str) -> "Plan":
        """The plan of a file or a shipped scenario. BadInput."""
        from llmops.chaos.experiments.loader import load_experiment
        from llmops.chaos.experiments.plan import plan_of
        from llmops.chaos.experiments.shipped import file_of

        experiment, source = load_experiment(file_of(word))
        more = {name: value for name in ("repetitions", "seed") if (value := getattr(self, name)) is not None}
        return plan_of(self._against(experiment.model_copy(update=more)), source, speed=self.speed, priced=True)

    def _against(self, experiment: "Experiment") -> "Experiment":
        from llmops.chaos.experiments.known import instead
        from llmops.chaos.experiments.targeting import targeted

        if self.target is not None and self.system is not None:
            raise BadInput("--target and --system name two systems", hint="give one")
        if self.target is not None:
            return targeted(experiment, self.target, self.headers)
        if self.headers:
            raise BadInput("--header is for a --target", hint="give its URL, or write `headers` into the experiment")
        if self.system is not None:
            return experiment.model_copy(update={"system": instead(experiment.system, self.system)})
        return experiment


def _refuse_twins(plans: "Sequence[Plan]") -> None:
    names = [plan.experiment.name for plan in plans]
    twin = next((name for name in names if names.count(name) > 1), None)
    if twin is not None:
        raise BadInput(f"{twin} is named twice", hint="--repetitions runs one again and again")


def _tell_where_to_point(plans: "Sequence[Plan]") -> None:
    """On stderr: the proxies, for those who configure the target."""
    from llmops.chaos.experiments.targeting import proxy_urls

    for plan in plans:
        for name, url in proxy_urls(plan.experiment).items():
            upstream = plan.experiment.providers[name].upstream
            instead = f", in place of {upstream}" if upstream else ""
            typer.echo(f"{plan.experiment.name}: {name} of the target must be {url}{instead}", err=True)


def _token(started_at: datetime) -> str:
    """Makes the requests of this run unlike those of any other, so that no cache knows them."""
    return f"{started_at:%y%m%d%H%M%S%f}"


def _run(session: "Session", plans: "Sequence[Plan]") -> "list[Left]":
    """Run them. Ctrl-C or SIGTERM ends all in order; a second one leaves that to leases and minders."""
    done = f"every fault is off, every process has ended; journals: {session.folder}"
    left = f"processes end within seconds, faults within {session.lease_s:g} s; journals: {session.folder}"
    return until_ended(session.run(plans), done=done, left=left)


def _report(plans: "Sequence[Plan]", left: "Sequence[Left]", session: "Session", started_at: datetime) -> "Report":
    from llmops import __version__
    from llmops.chaos.experiments.result import About, report_of

    runs = [_judged(plan, one, session.folder_of(plan, plans)) for plan, one in zip(plans, left, strict=True)]
    seeds = {plan.experiment.seed for plan in plans}
    about = About(
        started_at,
        datetime.now(UTC),
        __version__,
        system={"runs": str(session.folder), **{plan.experiment.name: plan.system_name for plan in plans}},
        seed=seeds.pop() if len(seeds) == 1 else None,
    )
    return report_of(runs, about)


def _judged(plan: "Plan", left: "Left", folder: Path) -> "Ran":
    from llmops.chaos.cli.prices import price_of
    from llmops.chaos.cli.toolkit_run import write_their_journal
    from llmops.chaos.experiments.assembly import evidence_of
    from llmops.chaos.experiments.result import Ran
    from llmops.chaos.experiments.verdict import judge

    experiment = plan.experiment
    kinds = {name: each.simulate for name, each in experiment.providers.items() if each.simulate}
    evidence = evidence_of(plan, left, folder / "proxy.jsonl", price_of(kinds))
    ran = Ran(judge(evidence, plan.expectations), evidence, experiment.title, experiment.sources)
    write_their_journal(plan, ran, folder)
    return ran


def _write(report: "Report", folder: Path) -> None:
    """The report beside the journals: for programs, and for people."""
    from llmops.chaos.experiments.private_files import write_private

    for name, output_format in (("result.json", "json"), ("report.html", "html")):
        write_private(folder / name, renderers.get(output_format)().render(report))
