"""The commands of a game day, as `llmops gameday …`: one file a command."""

import typer

from llmops.chaos.cli.gameday.presets import presets

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Practise an outage with the people who will have to end it."
)
app.command()(presets)
