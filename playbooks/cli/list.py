"""`llmops playbook list`: the templates, and what each asks for."""

from typing import Annotated

import typer

from llmops.cli_options import ConfigOption, FormatOption, OutOption, check_format, finish
from llmops.playbooks.cli.options import TemplatesOption, folder_of, section_of


def listing(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Templates to tell the inputs of; else all are listed."),
    ] = None,
    templates: TemplatesOption = None,
    config: ConfigOption = None,
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """The templates of runbooks, post-mortems and briefs, with what each asks for.

    Examples: llmops playbook list, llmops playbook list post-mortem
    """
    from datetime import UTC, datetime

    from llmops import __version__
    from llmops.playbooks.list_report import report_of
    from llmops.playbooks.shelf import template
    from llmops.playbooks.shelf import templates as all_templates

    check_format(output_format)
    folder = folder_of(templates, section_of(config))
    named = [template(name, folder) for name in names or []]
    report = report_of([*all_templates(folder)], named, at=datetime.now(UTC), tool_version=__version__)
    finish(report, output_format, out)
