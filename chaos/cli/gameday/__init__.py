"""The commands of a game day, as `llmops gameday …`: one file a command."""

import typer

from llmops.chaos.cli.gameday.abort import abort
from llmops.chaos.cli.gameday.check import check
from llmops.chaos.cli.gameday.mark import mark
from llmops.chaos.cli.gameday.note import note
from llmops.chaos.cli.gameday.pause import pause
from llmops.chaos.cli.gameday.plan import plan
from llmops.chaos.cli.gameday.presets import presets
from llmops.chaos.cli.gameday.report import report
from llmops.chaos.cli.gameday.resume import resume
from llmops.chaos.cli.gameday.run import run
from llmops.chaos.cli.gameday.skip import skip

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Practise an outage with the people who will have to end it."
)
app.command()(presets)
app.command()(plan)
app.command()(check)
app.command()(run)
app.command()(note)
app.command()(mark)
app.command()(pause)
app.command()(skip)
app.command()(abort)
app.command()(resume)
app.command()(report)
