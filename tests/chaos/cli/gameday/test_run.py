"""What `run` refuses before anything starts; whole days are in tests/chaos/gameday/test_holding.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Llmops = Callable[..., Any]


@pytest.mark.parametrize(
    ("old", "new", "options", "because"),
    [
        ("", "", ("--speed", "2", "--duration", "60"), "--speed and --duration say the same"),
        ("", "", ("--duration", "5"), "baseline and recovery alone take 12 s of the 5 s"),
        ("", "", ("--duration", "soon"), "--duration 'soon' is no time"),
        ("", "", ("--speed", "0"), "a speed of 0"),
        ("", "", ("--speed", "100"), "less than 3 times the system's timeout"),
        ("", "", ("--format", "pdf"), "pdf"),
        ("[gpt-4o]", "[my-model]", (), "the run stops over 5 USD, and no price is known for my-model of primary"),
        ("fault: unavailable", "fault: unavailble", (), "did you mean"),
        ("    abort_when: {functional_success_below: 0.5, usd_over: 5}\n", "", (), "no abort conditions"),
        ("gameday:", "gamedy:", (), "gameday"),
    ],
)
def test_what_cannot_be_held_is_refused_before_anything_starts(
    llmops: Llmops, tmp_path: Path, plan_text: str, old: str, new: str, options: tuple[str, ...], because: str
) -> None:
    assert old in plan_text
    text = plan_text.replace(old, new) if old else plan_text
    (tmp_path / "day.yaml").write_text(
        text.replace("model: gpt-4o,", "model: my-model,") if "my-model" in text else text
    )
    told = llmops("gameday", "run", "day.yaml", *options)
    assert told.code == 2, told.err
    assert because in told.err
    assert "Traceback" not in told.err
    assert not (tmp_path / "runs").exists()


def test_a_plan_that_is_not_there_is_told(llmops: Llmops) -> None:
    told = llmops("gameday", "run", "none.yaml")
    assert (told.code, "none.yaml" in told.err) == (2, True)
