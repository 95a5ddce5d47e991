"""The commands of the infrastructure, as `llmops infra …`: one file a command."""

import typer

from llmops.infra.cli.destroy import destroy
from llmops.infra.cli.drill import drill
from llmops.infra.cli.plan import plan
from llmops.infra.cli.preview import preview
from llmops.infra.cli.render import render
from llmops.infra.cli.sleep import sleep
from llmops.infra.cli.stand_in import stand_in
from llmops.infra.cli.status import status
from llmops.infra.cli.up import up
from llmops.infra.cli.wake import wake

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Build the self-hosted fallback, wake it, and drill it."
)
for command in (plan, preview, up, destroy, wake, sleep, status, drill, stand_in, render):
    app.command()(command)
