from decimal import Decimal

import pytest

from llmops.chaos.experiments import known
from llmops.chaos.gameday.planning import draft, startable, steps_of_preset
from llmops.chaos.gameday.presets import preset
from llmops.chaos.gameday.scaling import scaled_experiment
from llmops.errors import BadInput

FOUND = preset("openrouter-2026-02-17-fake401")


def test_a_draft_lasts_as_long_as_its_steps_and_notes_each_of_them() -> None:
    experiment = scaled_experiment(FOUND.experiment, 60, "practice")
    steps = steps_of_preset(FOUND, experiment)
    found = draft(FOUND, experiment, steps, 60, Decimal("0.2"))
    assert found.gameday.duration_s == 50  # 6 + 8 + 24 + 6 + 6 s
    assert list(found.gameday.notes) == ["baseline", "errors-500", "keys-refused", "recovering", "recovery"]
    assert found.gameday.roles.commander == "to be filled"
    assert not found.gameday.blind
    assert steps.experiment is experiment, "no path of this machine is in it"


def test_a_phase_too_short_for_the_systems_timers_is_refused_with_the_presets_line() -> None:
    with pytest.raises(
        BadInput, match=r"openrouter-2026-02-17-fake401\.yaml:\d+: recovering lasts 5\.14 s, less than 3"
    ):
        steps_of_preset(FOUND, scaled_experiment(FOUND.experiment, 70, "practice"))


def test_a_fault_that_the_dialect_cannot_show_is_refused_with_the_presets_line() -> None:
    last = FOUND.experiment.phases[2]
    faults = [last.faults[0].model_copy(update={"fault": "zero_vector"})]
    changed = FOUND.experiment.model_copy(update={"phases": [last.model_copy(update={"faults": faults})]})
    with pytest.raises(BadInput, match=r"fake401\.yaml:\d+: zero_vector can never be seen at primary"):
        steps_of_preset(FOUND, scaled_experiment(changed, 60, "practice"))


def test_a_plan_can_be_written_where_its_system_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "is_installed", lambda _: False)
    found = startable(FOUND.experiment).system
    assert found.known is None
    assert found.timers_s == {"timeout": 2.0}, "its timers still say how short a phase may be"
    steps_of_preset(FOUND, scaled_experiment(FOUND.experiment, 60, "practice"))
    ours = FOUND.experiment.model_copy(update={"system": known.instead(FOUND.experiment.system, "gateway")})
    monkeypatch.undo()
    assert startable(ours) is ours
