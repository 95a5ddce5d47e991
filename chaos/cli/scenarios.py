"""`llmops chaos scenarios`: the experiments that are shipped."""

from datetime import UTC, datetime

from llmops.cli_options import FormatOption, OutOption, check_format, finish


def scenarios(output_format: FormatOption = "text", out: OutOption = None) -> None:
    """The shipped experiments, with the faults they inject and where each comes from.

    Example: llmops chaos scenarios
    """
    from llmops import __version__
    from llmops.chaos.experiments import shipped
    from llmops.chaos.experiments.loader import load_experiment
    from llmops.renderers.base import DETAIL
    from llmops.report import Column, Report, Table, report_id

    check_format(output_format)
    started_at = datetime.now(UTC)
    rows = []
    for name in shipped.names():
        experiment, _ = load_experiment(shipped.file_of(name))
        faults = dict.fromkeys(fault.fault for phase in experiment.phases for fault in phase.faults)
        rows.append((name, experiment.title, ", ".join(faults), " ".join(experiment.sources)))
    columns = (
        Column("scenario", "Scenario"),
        Column("title", "What it asks"),
        Column("faults", "Faults", DETAIL),
        Column("source", "Source", DETAIL),
    )
    report = Report(
        kind="scenarios",
        id=report_id("scenarios", started_at),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        tool_version=__version__,
        title=f"{len(rows)} scenarios",
        summary=["`llmops chaos run NAME` runs one; `--target URL` runs it against a system of your own."],
        tables=[Table("scenarios", "Scenarios", columns, rows)],
    )
    finish(report, output_format, out)
