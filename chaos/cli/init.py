"""`llmops chaos init`: a first experiment."""

import re
from pathlib import Path
from typing import Annotated

import typer

from llmops.errors import BadInput


def init(
    base_url: Annotated[
        str, typer.Option("--base-url", metavar="URL", help="Of the system, such as http://127.0.0.1:4000/v1.")
    ],
    model: Annotated[str, typer.Option("--model", help="The model to ask for, as the system knows it.")] = "gpt-4o",
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.", dir_okay=False)] = Path(
        "first-failover.yaml"
    ),
) -> None:
    """Write a first experiment for a system that runs already, with a comment to every line.

    Example: llmops chaos init --base-url http://127.0.0.1:4000/v1
    """
    from llmops.chaos.experiments.first import first_experiment
    from llmops.chaos.experiments.loader import experiment_of, parse
    from llmops.chaos.experiments.plan import plan_of

    _check(base_url, model, out)
    text = first_experiment(base_url, out.stem, model=model)
    data, source = parse(text, str(out))
    plan_of(experiment_of(data, source), source)  # what is written can run
    if out.exists():
        raise BadInput(f"{out} is there already", hint="name another --out")
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"cannot write {out}: {error.strerror}", hint="give --out a file in a folder that exists"
        ) from error
    typer.echo(f"{out} is written; its first lines tell what to do")


def _check(base_url: str, model: str, out: Path) -> None:
    """BadInput in the words of the command: nobody has seen a line of the file yet."""
    from llmops.chaos.experiments.schema import NAME
    from llmops.chaos.proxy.config import address_of

    try:
        address_of(base_url)
    except BadInput as error:
        raise BadInput(f"--base-url: {error}", hint="such as http://127.0.0.1:4000/v1, without a key") from error
    if not model.strip():
        raise BadInput("--model names no model", hint="as the system knows it, such as gpt-4o")
    if not re.fullmatch(NAME, out.stem) or out.suffix not in {".yaml", ".yml"}:
        hint = "the experiment is named as its file: small letters, digits and hyphens, such as first-failover.yaml"
        raise BadInput(f"--out {out} cannot be", hint=hint)
