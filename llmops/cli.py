"""The command `llmops`: mounts each room's commands and turns errors into exit codes."""

import sys
from io import TextIOWrapper

import typer

from llmops import __version__
from llmops.chaos.cli import app as chaos_app
from llmops.chaos.cli import top_level as chaos_top_level
from llmops.costmodel.cli import app as costmodel_app
from llmops.errors import ExitCode, LlmopsError
from llmops.infra.cli import app as infra_app
from llmops.playbooks.cli import app as playbook_app
from llmops.playbooks.cli import top_level as playbook_top_level

INTERRUPTED = 130  # 128 + SIGINT, as shells say it

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,  # rich help alone would cost a tenth of a second at every start
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Decide, break, build and explain the infrastructure that products on large language models stand on.",
)
app.add_typer(costmodel_app)
app.add_typer(chaos_top_level)
app.add_typer(chaos_app, name="chaos")
app.add_typer(infra_app, name="infra")
app.add_typer(playbook_app, name="playbook")
app.add_typer(playbook_top_level)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"llmops {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", help="Show the version.", callback=_print_version, is_eager=True),
) -> None:
    """Decide, break, build and explain the infrastructure that products on large language models stand on."""


def main() -> None:
    """Run the command line; every error a user can cause ends as a sentence, a hint and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a sign the terminal does not know is shown as its code
    try:
        app()
    except LlmopsError as error:
        _say(str(error), error.hint)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except RuntimeError as error:
        if "interrupted" not in str(error).lower():
            raise
        sys.exit(INTERRUPTED)  # Ctrl-C inside the database
    except OSError as error:  # nobody below knew what to do about it: a full disk, a file that went away
        where = f"{error.filename}: " if error.filename else ""
        _say(f"{where}{error.strerror or error}", "the system refused; check disk space, permissions and limits")
        sys.exit(ExitCode.OUTSIDE_FAILED)


def _say(message: str, hint: str) -> None:
    typer.echo(f"error: {message}", err=True)
    if hint:
        typer.echo(f"hint:  {hint}", err=True)
