from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Llmops = Callable[..., Any]


@pytest.fixture
def plan(llmops: Llmops, tmp_path: Path) -> Path:
    assert llmops("gameday", "plan", "openrouter-2026-02-17-fake401", "--speed", "60", "--system", "gateway").code == 0
    return tmp_path / "gameday-openrouter-2026-02-17-fake401.yaml"


def test_a_plan_that_can_be_held_is_shown(llmops: Llmops, plan: Path) -> None:
    ran = llmops("gameday", "check", plan.name)
    assert ran.code == 0
    words = " ".join(ran.out.split())
    assert f"{plan.name} can be held" in words
    assert "It lasts 50 s" in words
    assert "to be filled: commander, driver, responders, scribe" in words


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("burn_over_expected: 2 ", "burn_over: 2 ", "unknown key 'gameday.safety.abort_when.burn_over'"),
        ("duration_s: 50", "duration_s: 49", "baseline, phases and recovery last 50 s, and the plan 49 s"),
        ("fault: invalid_api_key", "fault: zero_vector", "zero_vector can never be seen at primary"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(llmops: Llmops, plan: Path, old: str, new: str, error: str) -> None:
    text = plan.read_text(encoding="utf-8")
    assert old in text
    plan.write_text(text.replace(old, new), encoding="utf-8")
    ran = llmops("gameday", "check", plan.name)
    assert ran.code == 2
    assert error in ran.err
    line = next(number for number, each in enumerate(text.splitlines(), 1) if old in each)
    assert ran.err.startswith(f"error: {plan.name}:{line}: ")


def test_a_plan_that_is_not_there_and_an_output_over_it_are_refused(llmops: Llmops, plan: Path) -> None:
    assert "cannot read nowhere.yaml" in llmops("gameday", "check", "nowhere.yaml").err
    ran = llmops("gameday", "check", plan.name, "--out", plan.name)
    assert (ran.code, "would overwrite" in ran.err) == (2, True)
