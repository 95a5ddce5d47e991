"""The commands of the chaos half, as `llmops chaos …`, `llmops gameday …` and at the top level: one file a command."""

import typer

from llmops.chaos.cli.check import check
from llmops.chaos.cli.describe import describe
from llmops.chaos.cli.export import export
from llmops.chaos.cli.faults import faults
from llmops.chaos.cli.gameday import app as gameday_app
from llmops.chaos.cli.gate import gate
from llmops.chaos.cli.gateway import gateway
from llmops.chaos.cli.init import init
from llmops.chaos.cli.load import load
from llmops.chaos.cli.provider import provider
from llmops.chaos.cli.proxy import proxy
from llmops.chaos.cli.replay import replay
from llmops.chaos.cli.run import run
from llmops.chaos.cli.scenarios import scenarios
from llmops.chaos.cli.ttft import ttft
from llmops.chaos.cli.watch import watch

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Break on purpose, on the wire, and see what holds."
)
app.command()(faults)
app.command()(describe)
app.command()(provider)
app.command()(gateway)
app.command()(proxy)
app.command()(run)
app.command()(scenarios)
app.command()(init)
app.command()(export)
app.command()(check)
app.command()(replay)
app.command()(watch)

top_level = typer.Typer()
top_level.command()(load)
top_level.command()(ttft)
top_level.command()(gate)
top_level.add_typer(gameday_app, name="gameday")
