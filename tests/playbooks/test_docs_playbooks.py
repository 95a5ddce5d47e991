"""docs/playbooks.md says what there is: its template works, its commands parse, its table lists all."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import typer

from llmops.cli import app
from llmops.playbooks.cli.command_line import CommandLine
from llmops.playbooks.lint.commands import command_problems
from llmops.playbooks.rendering import FUNCTIONS
from llmops.playbooks.schema import InputForm, Place, TemplateForm
from llmops.playbooks.shelf import OURS, names

PAGE = Path(__file__).parents[2] / "docs" / "playbooks.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_table_lists_every_template() -> None:
    assert sorted(re.findall(r"^\| `([a-z0-9-]+)` \| (?:runbook|post-mortem|brief) \|", TEXT, re.MULTILINE)) == names(
        OURS
    )


def test_every_key_place_and_function_of_a_template_is_told() -> None:
    keys = {field.alias or name for form in (InputForm, TemplateForm) for name, field in form.model_fields.items()}
    assert [key for key in sorted({*keys, *get_args(Place), *FUNCTIONS}) if not re.search(rf"\b{key}\b", TEXT)] == []


def test_the_template_of_the_page_works(llmops: Callable[..., Any], tmp_path: Path) -> None:
    found = re.search(r"```jinja\n(.*?)```", TEXT, re.DOTALL)
    assert found
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "search-is-slow.md.j2").write_text(found[1], encoding="utf-8")
    command = ("playbook", "render", "search-is-slow", "--templates", "own", "--set", "owner=ann")
    ran = llmops(*command, "--set", "last_exercised=today", "--out", "page.md")
    assert (ran.code, ran.err) == (0, "")
    assert "It was not measured." in (tmp_path / "page.md").read_text(encoding="utf-8")
    assert llmops("playbook", "lint", "page.md").code == 0


def test_every_command_of_the_page_parses(tmp_path: Path) -> None:
    without_the_template = re.sub(r"```jinja\n.*?```", "", TEXT, flags=re.DOTALL)
    (tmp_path / "gates.yaml").touch()
    count, problems = command_problems(without_the_template, 1, tmp_path, CommandLine(typer.main.get_command(app)))
    assert count >= 7
    assert [each.text for each in problems if "FILE…" not in each.text] == []
