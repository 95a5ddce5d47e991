"""`llmops gameday plan`: a plan from an incident, for a team to read and fill in."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.chaos.cli.gameday.options import DurationOption, SpeedOption, speed_asked
from llmops.cli_options import FormatOption, check_format, finish
from llmops.errors import BadInput

if TYPE_CHECKING:
    from llmops.chaos.experiments.schema import Experiment
    from llmops.chaos.gameday.presets import Preset


def plan(
    preset: Annotated[
        str, typer.Argument(metavar="PRESET", help="Of `llmops gameday presets`, or any scenario or experiment.")
    ],
    target: Annotated[
        str | None, typer.Option("--target", metavar="URL", help="Practise on this system, which runs already.")
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", metavar="NAME:VALUE", help="Sent to the target; {env.NAME} stands for a variable."),
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", metavar="NAME", help="Practise on this known system, such as litellm.")
    ] = None,
    speed: SpeedOption = None,
    duration: DurationOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="gameday-PRESET.yaml unless given.", dir_okay=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    output_format: FormatOption = "text",
) -> None:
    """Write the plan of a game day: an incident in the time you have, hypotheses, limits, roles to fill in, checklists.

    Example: llmops gameday plan openrouter-2026-02-17-fake401 --duration 5min
    """
    from llmops.chaos.gameday.presets import preset as preset_of
    from llmops.chaos.gameday.scaling import scaled_experiment

    started_at = datetime.now(UTC)
    check_format(output_format)
    found = preset_of(preset)
    file = out or Path(f"gameday-{found.experiment.name}.yaml")
    _check(file, target)
    if file.exists() and not force:
        raise BadInput(f"{file} is there already", hint="name another --out, or write over it with --force")
    times = speed_asked(found.experiment, speed, duration)
    experiment = scaled_experiment(_against(found, file, target, header or [], system), times, file.stem)
    _write(found, experiment, times, file, output_format, started_at)


def _check(file: Path, target: str | None) -> None:
    """BadInput in the words of the command: nobody has seen a line of the file yet."""
    from llmops.chaos.experiments.schema import NAME
    from llmops.chaos.proxy.config import address_of

    if not re.fullmatch(NAME, file.stem) or file.suffix not in {".yaml", ".yml"}:
        hint = "the plan is named as its file: small letters, digits and hyphens, such as outage-drill.yaml"
        raise BadInput(f"--out {file} cannot be", hint=hint)
    try:
        address_of(target or "http://127.0.0.1")
    except BadInput as error:
        raise BadInput(f"--target: {error}", hint="such as http://127.0.0.1:4000/v1, without a key") from error


def _against(found: "Preset", file: Path, target: str | None, headers: list[str], system: str | None) -> "Experiment":
    from llmops.chaos.experiments.known import instead
    from llmops.chaos.experiments.targeting import targeted

    experiment = found.experiment
    if target is not None and system is not None:
        raise BadInput("--target and --system name two systems", hint="give one")
    if headers and target is None:
        raise BadInput("--header is for a --target", hint="give its URL, or write `headers` into the plan")
    if target is not None:
        return targeted(experiment, target, headers)
    if system is not None:
        return experiment.model_copy(update={"system": instead(experiment.system, system)})
    if "{folder}" in str(experiment.system) and file.resolve().parent != Path(found.source.file).resolve().parent:
        message = f"the system of {experiment.name} is started from the folder of its file"
        raise BadInput(message, hint=f"write the plan beside it: --out {Path(found.source.file).parent / file.name}")
    return experiment


def _write(
    found: "Preset", experiment: "Experiment", speed: float, file: Path, output_format: str, started_at: datetime
) -> None:
    from llmops import __version__
    from llmops.chaos.cli.prices import price_of
    from llmops.chaos.experiments.loader import parse
    from llmops.chaos.experiments.targeting import proxy_urls
    from llmops.chaos.gameday.expected_load import expected_load
    from llmops.chaos.gameday.loader import plan_from
    from llmops.chaos.gameday.plan_report import plan_report
    from llmops.chaos.gameday.plan_text import plan_text
    from llmops.chaos.gameday.planning import draft, steps_of_preset

    steps = steps_of_preset(found, experiment)
    kinds = {name: each.simulate for name, each in experiment.providers.items() if each.simulate}
    load = expected_load(experiment, steps.steps, price_of(kinds), started_at)
    drafted = draft(found, experiment, steps, speed, load.usd)
    text = plan_text(drafted, str(file))
    plan_from(*parse(text, str(file)))  # what is written can be read
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"cannot write {file}: {error.strerror}", hint="give --out a file in a folder that exists"
        ) from error
    urls = [
        f"{name} of the target must be {url}." for name, url in proxy_urls(experiment).items() if experiment.system.url
    ]
    report = plan_report(
        experiment,
        drafted.gameday,
        steps,
        load,
        first=[f"{file} is written: fill in the roles, then `llmops gameday check {file}`.", *urls],
        started_at=started_at,
        finished_at=datetime.now(UTC),
        tool_version=__version__,
    )
    finish(report, output_format, None)
