"""`llmops chaos faults`: what can be injected."""

from datetime import UTC, datetime

from llmops.cli_options import FormatOption, OutOption, check_format, finish


def faults(output_format: FormatOption = "text", out: OutOption = None) -> None:
    """All faults that can be injected, by family.

    Example: llmops chaos faults --format md
    """
    from llmops import __version__
    from llmops.chaos.faults_listing import FAMILIES, all_faults
    from llmops.report import Column, Report, Table, report_id

    check_format(output_format)
    started_at = datetime.now(UTC)
    found = all_faults()
    columns = (Column("fault", "Fault"), Column("does", "What it does"))
    tables = [
        Table(
            family,
            f"{family}: {what}",
            columns,
            [(facts.name, facts.help) for facts in found if facts.family == family],
        )
        for family, what in FAMILIES.items()
    ]
    report = Report(
        kind="faults",
        id=report_id("faults", started_at),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        tool_version=__version__,
        title=f"{len(found)} faults",
        summary=["`llmops chaos describe FAULT` tells the parameters of one, with an example."],
        tables=tables,
    )
    finish(report, output_format, out)
