"""`llmops chaos export`: an experiment in the form of another tool."""

import json
from pathlib import Path
from typing import Annotated

import typer

from llmops.cli_options import OutOption, refuse_overwriting
from llmops.errors import BadInput, UnknownName, nearest_hint

FORMATS = ("chaostoolkit",)


def export(
    experiment: Annotated[
        str, typer.Argument(metavar="EXPERIMENT", help="A YAML file, or a name of `llmops chaos scenarios`.")
    ],
    form: Annotated[str, typer.Option("--format", help=f"Of which tool: {', '.join(FORMATS)}.")] = FORMATS[0],
    speed: Annotated[float, typer.Option("--speed", help="Divides durations of phases; timers and rates stay.")] = 1.0,
    out: OutOption = None,
) -> None:
    """An experiment as JSON for Chaos Toolkit's `chaos run`, against a proxy and a system that run already.

    Example: llmops chaos export provider-down --out provider-down.json
    """
    from llmops.chaos.experiments.chaostoolkit.exporting import exported
    from llmops.chaos.experiments.loader import load_experiment
    from llmops.chaos.experiments.shipped import file_of

    if form not in FORMATS:
        raise UnknownName(f"no format is named {form!r}", hint=nearest_hint(form, FORMATS))
    if not 0 < speed < float("inf"):
        raise BadInput(f"a speed of {speed:g}", hint="2 halves all durations, 0.5 doubles them")
    path = file_of(experiment)
    refuse_overwriting(out, [path])
    text = json.dumps(exported(*load_experiment(path), speed=speed), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        _write(out, text)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"cannot write {out}: {error.strerror}", hint="give --out a file in a folder that exists"
        ) from error
