"""`llmops playbook lint`: what it says, and its exit codes; a gate can ask for what it measured."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

Llmops = Callable[..., Any]
DAY = timedelta(days=1)


def page(days: int, more: str = "") -> str:
    last = datetime.now(UTC).date() - days * DAY
    return f"---\nowner: ann\nlast_exercised: {last}\n---\n```sh\nllmops bill usage.jsonl\n```\n{more}\n"


def test_a_good_page_passes(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(page(10))
    ran = llmops("playbook", "lint", "a.md")
    assert (ran.code, ran.err) == (0, "")
    assert "1 page with 1 command: nothing is wrong." in ran.out


@pytest.mark.parametrize("weeks", ["0", "-1", "nan", "inf"])
def test_an_age_that_is_none_is_refused(weeks: str, llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(page(10))
    assert llmops("playbook", "lint", "a.md", "--max-age-weeks", weeks).code == 2


def test_the_configuration_says_how_old_it_may_be_and_the_option_goes_before(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(page(10))
    (tmp_path / "llmops.yaml").write_text("playbooks: {max_age_weeks: 1}\n")
    assert llmops("playbook", "lint", "a.md").code == 1
    assert llmops("playbook", "lint", "a.md", "--max-age-weeks", 2).code == 0


def test_a_command_that_is_gone_fails_the_page(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(page(10, "`llmops chaos drill x`"))
    ran = llmops("playbook", "lint", "a.md")
    assert ran.code == 1
    assert "no such command 'drill'" in " ".join(ran.out.split())


@pytest.mark.parametrize("arguments", [["gone.md"], ["a.md", "--out", "a.md"], ["a.md", "--format", "pdf"], []])
def test_wrong_usage_is_refused(arguments: list[str], llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(page(10))
    assert llmops("playbook", "lint", *arguments).code == 2
    assert (tmp_path / "a.md").read_text() == page(10)


@pytest.mark.parametrize(("days", "code"), [(10, 0), (40, 1)])
def test_a_gate_asks_for_age_and_problems(days: int, code: int, llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(page(days))
    (tmp_path / "gates.yaml").write_text(
        "gates:\n  - runbook_age_days <= 28\n  - runbook_problems == 0\n"
        "  - {expr: runbook_age_days < 90, scope: {runbook: a.md}}\n"
    )
    assert llmops("playbook", "lint", "a.md", "--format", "json", "--out", "lint.json").code == 0
    assert llmops("gate", "gates.yaml", "lint.json").code == code


def test_an_age_that_is_unknown_passes_no_gate(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("owner: ann\n")
    (tmp_path / "gates.yaml").write_text("gates: [runbook_age_days <= 28]\n")
    assert llmops("playbook", "lint", "a.md", "--format", "json", "--out", "lint.json").code == 1
    assert llmops("gate", "gates.yaml", "lint.json").code == 3


def test_hostile_pages_are_told_without_being_obeyed(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(page(1, "`llmops \x1b[31m$(touch gone) <script>`\n[x](<a\x1b[2Jb>)"))
    ran = llmops("playbook", "lint", "a.md")
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert not (tmp_path / "gone").exists()
