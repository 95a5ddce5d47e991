"""`llmops gameday report`: what a run shows, read from its folder."""

from llmops.chaos.cli.gameday.options import RUNS, RunArgument, RunsOption
from llmops.cli_options import FormatOption, OutOption, check_format, finish


def report(
    run: RunArgument = None, runs_dir: RunsOption = RUNS, output_format: FormatOption = "text", out: OutOption = None
) -> None:
    """Hypotheses with verdicts, times, timeline, cost and action items of a game day; result.json is written anew.

    Example: llmops gameday report --format md --out gameday.md
    """
    from llmops.chaos.cli.gameday.reporting import plan_of_run, report_of_run, write_report
    from llmops.chaos.gameday.run_folder import find_run

    check_format(output_format)
    folder = find_run(runs_dir, run)
    about = folder.about()
    found = report_of_run(folder, about, *plan_of_run(folder, about))
    if not folder.is_running:
        write_report(found, folder.path)
    finish(found, output_format, out)
