"""The commands of the cost model, at the top level: one file a command."""

import typer

from llmops.costmodel.cli.bill import bill
from llmops.costmodel.cli.tco import tco

app = typer.Typer()
app.command()(bill)
app.command()(tco)
