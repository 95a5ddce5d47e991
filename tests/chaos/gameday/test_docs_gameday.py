"""docs/gameday.md: its plan can be held, every key is on it, every preset is listed. LLMOPS_UPDATE_DOCS=1 does."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from llmops.chaos.gameday import filling, shares
from llmops.chaos.gameday.loader import load_plan, steps_of
from llmops.chaos.gameday.plan_text import clock
from llmops.chaos.gameday.presets import names, preset
from llmops.chaos.gameday.schema import (
    AbortWhen,
    BlastRadius,
    Checklists,
    Communication,
    Detector,
    ErrorBudget,
    Gameday,
    Hypothesis,
    Roles,
    Safety,
    Told,
)

PAGE = Path(__file__).parents[3] / "docs" / "gameday.md"
TEXT = PAGE.read_text(encoding="utf-8")
PLAN = TEXT.partition("```yaml\n")[2].partition("```")[0]


def rows() -> Iterator[str]:
    yield "| preset | what happened | it lasted | at `--speed` | then |"
    yield "| --- | --- | --- | --- | --- |"
    for name in names():
        found = preset(name)
        lasted, then = clock(found.duration_s), clock(round(found.duration_s / found.speed))
        yield f"| [`{name}`](scenarios.md#{name}) | {found.experiment.title} | {lasted} | {found.speed} | {then} |"


def test_every_preset_is_listed() -> None:
    table = "\n".join(rows())
    head, _, rest = TEXT.partition("<!-- presets -->\n")
    tail = rest.partition("<!-- end of presets -->")[2]
    expected = f"{head}<!-- presets -->\n{table}\n<!-- end of presets -->{tail}"
    if os.environ.get("LLMOPS_UPDATE_DOCS"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected, "run LLMOPS_UPDATE_DOCS=1 pytest of this file"


def test_the_plan_on_the_page_can_be_held(tmp_path: Path) -> None:
    path = tmp_path / "outage-drill.yaml"
    path.write_text(PLAN, encoding="utf-8")
    plan = load_plan(path)
    assert sum(step.duration_s for step in steps_of(plan, priced=True).steps) == pytest.approx(132)  # 6 + 120 + 6
    assert plan.gameday.safety.error_budget.expected_burn("down") == pytest.approx(5)  # as the page says


@pytest.mark.parametrize(
    "form",
    [
        Gameday,
        Hypothesis,
        Roles,
        BlastRadius,
        Checklists,
        Communication,
        Told,
        Safety,
        ErrorBudget,
        AbortWhen,
        Detector,
    ],
)
def test_every_key_of_the_form_is_in_the_plan_on_the_page(form: type[BaseModel]) -> None:
    for name in form.model_fields:
        assert re.search(rf"\b{name}: ?", PLAN), f"{form.__name__}.{name}"


def test_the_limits_that_it_states_are_those_of_the_code() -> None:
    assert f"| {shares.LEAST_FAILED} at least |".replace("| ", "", 1) in TEXT
    assert f"{filling.UNKNOWN_CAP_USD:g} where no price is known" in TEXT
    assert "more than a quarter" in TEXT
    assert filling.OFTEN_FAILED == 0.25
