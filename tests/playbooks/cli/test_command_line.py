"""The real command line as a parser: what it takes and what it refuses, with nothing run."""

from pathlib import Path

import pytest
import typer

from llmops.cli import app
from llmops.playbooks.cli.command_line import CommandLine


@pytest.fixture(scope="module")
def parse() -> CommandLine:
    return CommandLine(typer.main.get_command(app))


@pytest.mark.parametrize(
    "command",
    [
        "bill a.jsonl --by team --by model",
        "gate gates.yaml runs/x --junit x.xml",
        "load http://127.0.0.1:1/v1 --rate 1.5 --no-stream",
        "chaos run provider-down --system litellm --speed $SPEED",
        "chaos run --help",
        "infra",
        "--version",
        "infra wake --for 4h",
        "chaos run my-own.yaml ./x $SCENARIO 'runs/*.yaml'",
    ],
)
def test_what_it_takes_parses(command: str, parse: CommandLine) -> None:
    assert parse(command.split(), mention=command == "infra").problem == ""


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("bil a.jsonl", "no such command 'bil'. Did you mean 'bill'?"),
        ("chaos rum x", "no such command 'rum'"),
        ("chaos", "it needs one of check, describe"),
        ("load http://x --rat 1", "no such option: --rat"),
        ("load http://x --rate fast", "invalid value for '--rate'"),
        ("load", "missing argument 'URL'"),
        ("ttft", "missing argument"),
        ("chaos run provider-dwn", "no scenario is named 'provider-dwn'; did you mean 'provider-down'?"),
        ("chaos run provider-down --system litelm", "no system is named 'litelm'; did you mean 'litellm'?"),
        ("playbook render cost-spkie", "no template is named 'cost-spkie'; did you mean 'cost-spike'?"),
        ("chaos describe overladed", "no fault is named 'overladed'"),
        ("gameday mark detectd", "'detectd' is none of detected, mitigated, resolved"),
        ("load a b", "it takes no further b"),
        ("load a --rate", "requires an argument"),
        ("infra render nowhere", "invalid value"),
        ("chaos provider openai --port 99999", "invalid value for '--port'"),
    ],
)
def test_what_it_refuses_is_told(command: str, why: str, parse: CommandLine) -> None:
    assert why in parse(command.split(), mention=False).problem


@pytest.mark.parametrize("command", ["gate", "chaos run", "chaos run …", "infra wake ..."])
def test_a_command_may_be_named_without_its_arguments(command: str, parse: CommandLine) -> None:
    assert parse(command.split(), mention=True).problem == ""
    if command.rsplit(maxsplit=1)[-1] not in {"…", "...", "wake"}:
        assert parse(command.split(), mention=False).problem != ""


def test_it_says_what_a_command_reads_and_writes(parse: CommandLine) -> None:
    found = parse(
        ["gate", "gates.yaml", "runs/a", "b.json", "--baseline", "c.json", "--out", "o.md", "--junit", "j.xml"],
        mention=False,
    )
    assert (sorted(found.reads), sorted(found.writes)) == (
        ["b.json", "c.json", "gates.yaml", "runs/a"],
        ["j.xml", "o.md"],
    )


def test_it_says_what_a_command_would_run(parse: CommandLine) -> None:
    found = parse(["chaos", "watch", "p.jsonl", "--on-open", "--", "llmops", "infra", "wake"], mention=False)
    assert (found.problem, [*found.inner]) == ("", ["llmops", "infra", "wake"])


def test_nothing_is_run(parse: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "first.yaml"
    for command in (f"chaos init --base-url http://127.0.0.1:1/v1 --out {out}", "--version", "--help"):
        assert parse(command.split(), mention=False).problem == ""
    assert not out.exists()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("moment", ["detected", "$MOMENT", "MOMENT"])
def test_a_choice_of_its_list_or_of_the_reader_is_taken(moment: str, parse: CommandLine) -> None:
    assert parse(["gameday", "mark", moment], mention=False).problem == ""
