from pathlib import Path

import pytest

from llmops.chaos.experiments import known, shipped
from llmops.chaos.experiments.plan import plan_of
from llmops.chaos.gameday.presets import names, preset
from llmops.errors import UnknownName


def test_the_incidents_are_the_scenarios_with_a_date() -> None:
    assert "openrouter-2026-02-17-fake401" in names()
    assert "anthropic-2025-08-misroute" in names()
    assert "stream-cut" not in names()
    assert set(names()) < set(shipped.names())


@pytest.mark.parametrize("name", names())
def test_every_incident_says_when_it_was_and_what_is_ours_and_can_be_practised_at_the_speed_that_it_names(
    name: str,
) -> None:
    found = preset(name)
    assert found.about.startswith("20"), "its first words are the date"
    assert "UTC" in found.about
    assert "ours" in found.about
    assert found.speed > 1, "its comment names a `--speed`"
    assert found.experiment.sources
    assert all(phase.duration_s for phase in found.experiment.phases), "an incident is told in its own time"
    on_ours = known.instead(found.experiment.system, "gateway")
    plan = plan_of(found.experiment.model_copy(update={"system": on_ours}), found.source, speed=found.speed)
    assert 10 < sum(step.duration_s for step in plan.steps) < 300


def test_a_preset_may_be_any_scenario_or_a_file(tmp_path: Path) -> None:
    assert preset("stream-cut").speed == 1
    text = shipped.file_of("stream-cut").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"# 2026-01-01.\n# `--speed 5`\n{text}".replace("name: stream-cut", "name: mine", 1), encoding="utf-8"
    )
    found = preset(str(path))
    assert (found.experiment.name, found.speed) == ("mine", 5)
    assert found.about.startswith("2026-01-01. `--speed 5`")
    with pytest.raises(UnknownName, match="no scenario is named 'openrouter'"):
        preset("openrouter")
