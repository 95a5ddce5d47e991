"""`llmops playbook render`: a runbook, a post-mortem or a brief from results."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli_options import ConfigOption, OutOption, finish, refuse_overwriting, write_text
from llmops.errors import BadInput, NoData, UnknownName, nearest_hint
from llmops.playbooks.cli.options import TemplatesOption, folder_of, section_of

if TYPE_CHECKING:
    from llmops.playbooks.results.schema import Result

FORMATS = ("md", "html", "text", "json")


def render(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the template, as `llmops playbook list` lists it.")],
    result: Annotated[
        list[Path] | None,
        typer.Option("--result", metavar="FILE", help="A result as JSON, or the folder of a run; repeat for more."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="What the template asks for and no result has; repeat."),
    ] = None,
    templates: TemplatesOption = None,
    config: ConfigOption = None,
    output_format: Annotated[str, typer.Option("--format", help=f"How to write it: {', '.join(FORMATS)}.")] = "md",
    out: OutOption = None,
) -> None:
    """Write a page from a template: every number with its source and date, "not measured" where nobody measured.

    A result that is missing or unusable is exit code 3; what a template asks for and nobody gave is 2.

    Example: llmops playbook render provider-outage --result runs/nightly --set owner=ann --out provider-outage.md
    """
    from llmops import __version__
    from llmops.playbooks.inputs import Given
    from llmops.playbooks.rendering import check, rendered
    from llmops.playbooks.shelf import template

    if output_format not in FORMATS:
        raise UnknownName(f"no format is named {output_format!r}", hint=nearest_hint(output_format, FORMATS))
    started_at, section = datetime.now(UTC), section_of(config)
    found = template(name, folder_of(templates, section))
    check(found)
    refuse_overwriting(out, [*(result or []), config, found.file])
    given = Given(
        results=_read(result or [], started_at),
        settings=_settings(settings or [], started_at.date()),
        owner=section.owner,
        today=started_at.date(),
    )
    page = rendered(found, given)
    if output_format == "json":
        from llmops.playbooks.render_report import report_of

        finish(report_of(found, given, started_at=started_at, tool_version=__version__), "json", out)
    write_text(_in_format(page, output_format), out)


def _in_format(page: str, output_format: str) -> str:
    if output_format == "html":
        from llmops.playbooks.page import html_page

        return html_page(page)
    if output_format == "text":
        from llmops.playbooks.plain import plain_page

        return plain_page(page)
    return page


def _read(files: Sequence[Path], now: datetime) -> "list[Result]":
    """NoData for the first that no gate could judge either. BadInput for one that is named twice."""
    from llmops.chaos.gates.results.reading import IN_A_RUN, Unusable, read_result
    from llmops.playbooks.results.schema import result_of

    found = []
    for file in files:
        if [each.resolve() for each in files].count(file.resolve()) > 1:
            raise BadInput(f"the result {file} is named twice", hint="name it once")
        read = read_result(file, now)
        if isinstance(read, Unusable):
            raise NoData(read.reason, hint="a result is what a command writes with --format json, or a run's folder")
        path = file / IN_A_RUN if file.is_dir() else file
        found.append(result_of(path.read_text(encoding="utf-8"), str(file)))
    return found


def _settings(given: Sequence[str], today: date) -> dict[str, str]:
    settings: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"--set {each!r} is no NAME=VALUE", hint="such as --set owner=ann")
        if name in settings:
            raise BadInput(f"--set {name} is given twice", hint="give it once")
        settings[name] = str(today) if value == "today" else value
    return settings
