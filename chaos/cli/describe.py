"""`llmops chaos describe`: one fault, its parameters and an example."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from llmops.cli_options import FormatOption, OutOption, check_format, finish


def describe(
    fault: Annotated[str, typer.Argument(metavar="FAULT", help="Its name, as `llmops chaos faults` lists it.")],
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """One fault: what it does, its parameters with units and defaults, and an example.

    Example: llmops chaos describe rate_limit_requests
    """
    from llmops import __version__
    from llmops.chaos.faults_listing import MOST, NOTES, example_file, fault_facts
    from llmops.report import Column, Report, Table, report_id

    check_format(output_format)
    started_at = datetime.now(UTC)
    facts = fault_facts(fault)
    columns = [Column(name, name.capitalize()) for name in ("parameter", "type", "unit", "default", "meaning")]
    rows = [(field.name, field.type, field.unit, field.default, field.help) for field in facts.fields]
    report = Report(
        kind="fault",
        id=report_id("fault", started_at),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        tool_version=__version__,
        title=f"{facts.name}: {facts.help}",
        system={"fault": facts.name, "family": facts.family, "powers": facts.powers, "example": facts.example},
        summary=[
            *([facts.about] if facts.about else []),
            f"Family {facts.family}; it {facts.powers}.",
            *([facts.holds] if facts.holds else []),
            *([NOTES[facts.family]] if facts.family in NOTES else []),
            *([MOST] if rows else []),
        ],
        tables=[
            *([Table("parameters", "Parameters", columns, rows)] if rows else []),
            Table("example", "An example", [Column("line", "llmops.yaml")], [(line,) for line in example_file(facts)]),
        ],
    )
    finish(report, output_format, out)
