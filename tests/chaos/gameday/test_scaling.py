import pytest

from llmops.chaos.gameday.presets import preset
from llmops.chaos.gameday.scaling import rounded, scaled_experiment, speed_for
from llmops.errors import BadInput

FAKE_401 = preset("openrouter-2026-02-17-fake401").experiment  # 480 + 1440 + 360 s; twice 48 requests at 8 a second


def test_a_duration_is_that_of_the_whole_run_and_counted_requests_keep_their_time() -> None:
    assert speed_for(FAKE_401, 240) == pytest.approx(2280 / (240 - 12))  # 12 s: 2 x 48 requests / 8 a second
    assert speed_for(FAKE_401, 12.1) == pytest.approx(22_800)
    with pytest.raises(BadInput, match="baseline and recovery alone take 12 s of the 12 s"):
        speed_for(FAKE_401, 12)


def test_an_experiment_that_counts_requests_has_no_duration() -> None:
    with pytest.raises(BadInput, match="provider-down counts requests, and no time"):
        speed_for(preset("provider-down").experiment, 60)


def test_durations_and_moments_are_divided_and_nothing_else() -> None:
    found = scaled_experiment(FAKE_401, 60, "practice")
    assert found.name == "practice"
    assert [phase.duration_s for phase in found.phases] == [8, 24, 6]
    assert found.phases[2].faults[0].schedule.ramp == [(0, 0.85), (6, 0.0)]
    assert found.phases[0].faults[0].schedule.probability == 0.2
    assert (found.baseline, found.load, found.system) == (FAKE_401.baseline, FAKE_401.load, FAKE_401.system)
    bursts = scaled_experiment(preset("azure-openai-2025-05-16").experiment, 100, "practice").phases[0].faults
    assert [(each.schedule.after_s, each.schedule.until_s) for each in bursts] == [(0, 6), (12, 18), (24, None)]


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_what_is_no_speed_is_refused(speed: float) -> None:
    with pytest.raises(BadInput, match="a speed of"):
        scaled_experiment(FAKE_401, speed, "practice")


def test_what_nothing_is_left_of_or_what_would_never_end_is_refused() -> None:
    with pytest.raises(BadInput, match=r"nothing is left of 480 s"):
        scaled_experiment(FAKE_401, 1e9, "practice")
    with pytest.raises(BadInput, match=r"would last 1,008 h, with 29,030,496 requests"):
        scaled_experiment(preset("anthropic-2025-08-misroute").experiment, 1, "practice")


def test_seconds_are_stated_to_the_hundredth() -> None:
    assert rounded(164.5714) == 164.57
