"""The commands of a page: all are found, each is judged, none is run."""

from pathlib import Path

import pytest

from llmops.playbooks.lint.commands import command_problems
from llmops.playbooks.lint.problem import ParseCommand


def lint(body: str, folder: Path, parse: ParseCommand) -> tuple[int, list[tuple[int, str]]]:
    count, problems = command_problems(body, 1, folder, parse)
    return count, [(each.line, each.text) for each in problems]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("`llmops nope`", 1),
        ("words\n\n- see `llmops nope x`", 3),
        ("| a |\n| --- |\n| `llmops nope` |", 3),
        ("```\nllmops nope\n```", 2),
        ("```sh\n# first\nA=1 llmops load && llmops nope\n```", 3),
        ("```console\n$ llmops load\nllmops 0.1.0\n$ llmops nope\n```", 4),
        ("```console\n$ llmops load\nllmops nope\n```", 3),  # its prompt was forgotten
        ("```yaml\n- run: llmops nope\n```", 2),
        ("```yaml\nsteps:\n  - run: |\n      llmops nope\n```", 4),
        ("1. x\n\n   ```sh\n   llmops load\n   llmops nope\n   ```", 5),
        ("text\n\n    llmops nope\n", 3),
        ("```sh\npython -m llmops nope\n```", 2),
        ("```sh\n./venv/bin/llmops nope\n```", 2),
        ("```sh\nllmops load \\\n  --out a\nllmops \\\n  nope\n```", 4),
        ("```sh\nllmops load --out 'a\n b' && llmops nope\n```", 2),
        ("```sh\nllmops watch j -- llmops nope\n```", 2),
        ("```sh\nuntil llmops load; do llmops nope; done\n```", 2),
    ],
)
def test_a_command_that_does_not_exist_is_found(
    body: str, line: int, tmp_path: Path, command_line: ParseCommand
) -> None:
    found = lint(body, tmp_path, command_line)[1]
    assert [(at, text.partition(": ")[2]) for at, text in found] == [(line, "no such command 'nope'")]


@pytest.mark.parametrize(
    "body",
    [
        "llmops nope in a sentence is no command",
        "`the llmops nope`",
        "`my-llmops nope`",
        "```text\nsee llmops-nope\n```",
        "```console\n$ llmops load\nerror: llmops nope\n```",
        "```sh\nllmops load # llmops nope, don't\n```",
        "<!-- llmops nope -->",
        "```\nPLAN  A plan's file; `llmops nope` writes one\n```",
        "```\nllmops gate FILE\n```",
        "`llmops gate`",
    ],
)
def test_what_is_no_command_or_right_is_left_alone(body: str, tmp_path: Path, command_line: ParseCommand) -> None:
    assert lint(body, tmp_path, command_line)[1] == []


def test_a_command_is_named_in_a_span_and_typed_in_a_fence(tmp_path: Path, command_line: ParseCommand) -> None:
    found = lint("`llmops gate`\n\n```\nllmops gate\n```", tmp_path, command_line)
    assert found == (2, [(4, "`llmops gate`: missing argument 'FILE'")])


def test_a_quotation_without_an_end_is_told(tmp_path: Path, command_line: ParseCommand) -> None:
    assert lint("```\nllmops gate 'a\n```", tmp_path, command_line)[1] == [
        (2, "`llmops gate 'a` has a quotation without an end")
    ]


def test_a_file_that_a_command_reads_must_be_there(tmp_path: Path, command_line: ParseCommand) -> None:
    (tmp_path / "there.json").touch()
    body = "```\nllmops gate there.json\nllmops gate gone.json\nllmops gate $ANY\n```"
    assert lint(body, tmp_path, command_line)[1] == [(3, "`llmops gate gone.json` reads gone.json, which is not there")]


@pytest.mark.parametrize("before", ["llmops load --out runs/a", "echo x > runs/a", "llmops load > runs/a"])
def test_what_a_command_before_it_writes_is_there(before: str, tmp_path: Path, command_line: ParseCommand) -> None:
    assert lint(f"```\n{before}\nllmops gate runs/a runs/a/b.json\n```", tmp_path, command_line)[1] == []
    assert len(lint(f"```\nllmops gate runs/a\n{before}\n```", tmp_path, command_line)[1]) == 1


def test_lines_count_from_where_the_body_begins(tmp_path: Path, command_line: ParseCommand) -> None:
    _, problems = command_problems("\n`llmops nope`", 10, tmp_path, command_line)
    assert [each.line for each in problems] == [11]
