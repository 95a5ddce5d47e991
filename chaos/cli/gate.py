"""`llmops gate`: results against the gates of a file, for a pipeline."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli_options import ConfigOption, FormatOption, OutOption, check_format, finish, refuse_overwriting
from llmops.errors import BadInput, LlmopsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmops.chaos.gates.config import GatesSection
    from llmops.chaos.gates.loader import GateFile
    from llmops.chaos.gates.rows import Judgment
    from llmops.report import Report

YAML = {".yaml", ".yml"}


def gate(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[GATES] RESULT...",
            help="YAML file of gates, unless `gates.file` in llmops.yaml names it; then results as JSON, of any llmops "
            "command, or folders of runs.",
        ),
    ],
    baseline: Annotated[
        list[Path] | None,
        typer.Option(
            "--baseline", metavar="RESULT", help="An earlier result of the same kind; repeat for other kinds."
        ),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML there, too.", dir_okay=False)
    ] = None,
    config: ConfigOption = None,
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """Judge results by gates: exit code 1 where one fails, else 3 where one cannot be judged; no data never passes.

    Example: llmops gate gates.yaml runs/nightly/result.json --baseline last-week.json --junit gates.xml
    """
    from llmops.chaos.gates.results.reading import read_results
    from llmops.chaos.gates.rows import judged

    started_at = datetime.now(UTC)
    before = baseline or []
    check_format(output_format)
    section = _section(config)
    gates, results = _told_apart(paths, section)
    gate_file = _load_gates(gates)
    _refuse_twins(results, before)
    refuse_overwriting(out, [gates, *results, *before, junit])
    refuse_overwriting(junit, [gates, *results, *before])
    _require_folder(junit)
    read = read_results(results, started_at, gate_file.max_age or section.max_age)
    judgment = judged(gate_file, read, read_results(before, started_at, None), started_at.date())
    report = _report(judgment, started_at)
    if junit is not None:
        _write_junit(junit, judgment, started_at)
    _tell_github(judgment, report)
    finish(report, output_format, out)


def _section(config: Path | None) -> "GatesSection":
    from llmops.chaos.gates.config import GatesSection
    from llmops.config import load_config, validated

    return validated(GatesSection, load_config(config).get("gates") or {}, "gates")


def _told_apart(paths: "Sequence[Path]", section: "GatesSection") -> "tuple[Path, Sequence[Path]]":
    """The file of gates and the results. Where the configuration names a file, only YAML stands in its place."""
    first, rest = paths[0], paths[1:]
    swapped = next((path for path in rest if path.suffix in YAML), None)
    if swapped is not None and first.suffix not in YAML:
        raise BadInput(f"{swapped} is no result, and {first} no gates", hint=f"gates come first: {swapped} {first}")
    if section.file is not None and first.suffix not in YAML:
        return Path(section.file), paths
    if not rest:
        raise BadInput(
            f"no result is given besides {first}",
            hint="llmops gate GATES RESULT…; `gates.file` in llmops.yaml stands for GATES",
        )
    return first, rest


def _load_gates(path: Path) -> "GateFile":
    from llmops.chaos.gates.loader import load_gates

    try:
        return load_gates(path)
    except LlmopsError as error:
        from llmops.chaos.gates.github import refused

        for command in refused(error, str(path), os.environ):
            typer.echo(command, err=True)
        raise


def _refuse_twins(results: "Sequence[Path]", baselines: "Sequence[Path]") -> None:
    named = [path.resolve() for path in results]
    for path in results:
        if named.count(path.resolve()) > 1:
            raise BadInput(f"the result {path} is named twice", hint="name it once")
    for path in baselines:
        if path.resolve() in named:
            raise BadInput(f"the baseline {path} is the result itself", hint="name an earlier one")


def _require_folder(junit: Path | None) -> None:
    if junit is not None and not junit.absolute().parent.is_dir():
        raise BadInput(
            f"cannot write {junit}: there is no such folder", hint="give --junit a file in a folder that exists"
        )


def _report(judgment: "Judgment", started_at: datetime) -> "Report":
    from llmops import __version__
    from llmops.chaos.gates.gate_report import report_of

    return report_of(judgment, started_at=started_at, finished_at=datetime.now(UTC), tool_version=__version__)


def _write_junit(junit: Path, judgment: "Judgment", at: datetime) -> None:
    from llmops.chaos.gates.junit import junit_xml

    try:
        junit.write_text(junit_xml(judgment.rows, suite=judgment.gates.file, at=at), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {junit}: {error.strerror}", hint="give --junit another file") from error


def _tell_github(judgment: "Judgment", report: "Report") -> None:
    """Annotations and the step's summary, where the environment is GitHub's."""
    from llmops.chaos.gates.github import add_summary, annotations
    from llmops.renderers.md import Md

    for command in annotations(judgment.rows, judgment.gates.file, os.environ):
        typer.echo(command, err=True)
    if problem := add_summary(Md().render(report), os.environ):
        typer.echo(f"warning: {problem}", err=True)
