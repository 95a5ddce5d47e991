"""`llmops playbook lint`: runbooks checked as code is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from llmops.cli_options import ConfigOption, FormatOption, OutOption, check_format, finish, refuse_overwriting
from llmops.errors import BadInput
from llmops.playbooks.cli.command_line import CommandLine
from llmops.playbooks.cli.options import section_of


def lint(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pages of Markdown.")],
    max_age_weeks: Annotated[
        float | None,
        typer.Option("--max-age-weeks", metavar="WEEKS", help="A runbook is stale when not exercised for longer; 12."),
    ] = None,
    config: ConfigOption = None,
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """Check runbooks as code: their commands parse, links and files exist, they have an owner and were exercised.

    Exit code 1 when something is wrong. Nothing in a page is run.

    Example: llmops playbook lint runbooks/provider-outage.md
    """
    from llmops import __version__
    from llmops.playbooks.lint.lint_report import report_of
    from llmops.playbooks.lint.page_lint import linted

    check_format(output_format)
    refuse_overwriting(out, files)
    section, started_at = section_of(config), datetime.now(UTC)
    weeks = section.max_age_weeks if max_age_weeks is None else max_age_weeks
    if not 0 < weeks < float("inf"):
        raise BadInput(f"--max-age-weeks {weeks:g} is no age", hint="weeks above 0, such as 12")
    parse = CommandLine(context.find_root().command)
    pages = [linted(file, parse, today=started_at.date(), max_age_weeks=weeks) for file in dict.fromkeys(files)]
    report = report_of(pages, started_at=started_at, finished_at=datetime.now(UTC), tool_version=__version__)
    finish(report, output_format, out)
