"""The commands of the playbooks, as `llmops playbook …`, and `llmops init` at the top level: one file a command."""

import typer

from llmops.playbooks.cli.init import init
from llmops.playbooks.cli.lint import lint
from llmops.playbooks.cli.list import listing
from llmops.playbooks.cli.render import render

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Explain: runbooks and post-mortems from results, and their lint."
)
app.command("list")(listing)
app.command()(render)
app.command()(lint)

top_level = typer.Typer()
top_level.command()(init)
