"""`llmops gameday presets`: the incidents that can be practised."""

from datetime import UTC, datetime

from llmops.cli_options import FormatOption, OutOption, check_format, finish


def presets(output_format: FormatOption = "text", out: OutOption = None) -> None:
    """Incidents of the past as plans start from them: what failed, for how long, and where that was published.

    Example: llmops gameday presets
    """
    from llmops import __version__
    from llmops.chaos.gameday.presets import names, preset
    from llmops.renderers.base import DETAIL
    from llmops.report import Column, Report, Table, report_id

    check_format(output_format)
    started_at = datetime.now(UTC)
    rows = []
    for name in names():
        found = preset(name)
        experiment = found.experiment
        phases = ", ".join(phase.name for phase in experiment.phases)
        faults = ", ".join(dict.fromkeys(fault.fault for phase in experiment.phases for fault in phase.faults))
        more = (experiment.title, phases, faults, found.about, " ".join(experiment.sources))
        rows.append((name, found.duration_s / 3600, found.speed, found.duration_s / found.speed, *more))
    columns = (
        Column("preset", "Preset"),
        Column("lasted_h", "Lasted, h", "h"),
        Column("speed", "Speed", "times"),
        Column("practised_s", "Then, s", "s"),
        Column("title", "What happened", DETAIL),
        Column("phases", "Phases", DETAIL),
        Column("faults", "Faults", DETAIL),
        Column("about", "From the source, and ours", DETAIL),
        Column("source", "Source", DETAIL),
    )
    report = Report(
        kind="gameday_presets",
        id=report_id("gameday-presets", started_at),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        tool_version=__version__,
        title=f"{len(rows)} incidents to practise",
        summary=[
            "`llmops gameday plan PRESET` writes the plan of one; `--speed` as in the table makes minutes of it.",
        ],
        tables=[Table("presets", "Presets", columns, rows)],
    )
    finish(report, output_format, out)
