from decimal import Decimal

import pytest

from llmops.chaos.experiments import known
from llmops.chaos.experiments.plan import Plan, plan_of
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.experiments.targeting import targeted
from llmops.chaos.gameday.filling import detector, note, radius, safety
from llmops.chaos.gameday.presets import names, preset
from llmops.chaos.reliability.breaker import Settings


def planned(name: str) -> tuple[Experiment, Plan]:
    found = preset(name)
    ours = found.experiment.model_copy(update={"system": known.instead(found.experiment.system, "gateway")})
    return ours, plan_of(ours, found.source, speed=found.speed)


def test_where_a_fallback_should_save_all_a_few_may_fail_and_half_are_the_floor() -> None:
    found = safety(*planned("openrouter-2026-02-17-fake401"), None)
    assert found.error_budget.expected_failed_ratio == dict.fromkeys(("errors-500", "keys-refused", "recovering"), 0.05)
    assert found.abort_when.burn_over_expected == 2.0
    assert found.abort_when.functional_success_below == 0.5
    assert found.abort_when.over_requests == 48  # as many as the shortest phase has


def test_where_everything_is_down_there_is_no_floor_in_that_phase() -> None:
    abort = safety(*planned("cloudflare-2025-11-18-html5xx"), None).abort_when
    assert abort.floor("all") is None
    assert abort.floor("partly") == 0.5
    assert abort.burn_over_expected == 2.0  # `partly` can go over it


def test_where_many_are_expected_to_fail_the_floor_is_half_of_the_others() -> None:
    found = safety(*planned("gcp-2025-06-12"), None)
    assert found.error_budget.expected_failed_ratio["both-hit"] == 0.47  # 0.94 times 0.5
    assert found.abort_when.floor("both-hit") == pytest.approx((1 - 0.47) / 2, abs=0.006)


@pytest.mark.parametrize(("expected", "cap"), [("0.02", 1), ("0.34", 2), ("5", 15), (None, 10)])
def test_the_cap_is_three_times_the_load_and_a_guess_where_no_price_is_known(expected: str | None, cap: float) -> None:
    usd = None if expected is None else Decimal(expected)
    assert safety(*planned("openrouter-2026-02-17-fake401"), usd).abort_when.usd_over == cap


def test_the_detector_looks_at_stretches_that_fit_into_a_phase() -> None:
    _, steps = planned("openrouter-2026-02-17-fake401")
    found = detector(steps)
    assert found.window_s == found.cool_down_s == 5.0  # half of 6 s, and no less than 5
    assert found.baseline_s == 4.0  # of a baseline of 6 s
    assert found.settings().quality_factor == Settings.quality_factor
    misroute = detector(planned("anthropic-2025-08-misroute")[1])
    assert misroute.quality_factor == 0.95
    assert misroute.window_s == 12.5  # 100 requests at 8 a second, less than half of 31 s


def test_the_blast_radius_is_of_phases_with_faults_and_says_who_is_hit() -> None:
    experiment, steps = planned("anthropic-2026-04-15")
    found = radius(experiment, steps)
    assert set(found.request_ratio) == {"errors", "errors-again", "recovering"}
    assert found.request_ratio["errors"] == 0.4
    assert "No customer is hit" in found.says
    theirs = targeted(experiment, "http://127.0.0.1:4000/v1", [])
    assert "Whoever else calls it is hit too" in radius(theirs, steps).says
    real = experiment.providers["backup"].model_copy(update={"simulate": None, "upstream": "https://api.openai.com"})
    mixed = experiment.model_copy(update={"providers": {**experiment.providers, "backup": real}})
    assert "at backup, which are no simulations" in radius(mixed, steps).says


def test_every_phase_of_every_preset_says_what_to_watch() -> None:
    for name in names():
        for step in planned(name)[1].steps:
            assert len(note(step)) > 20
    quality = planned("anthropic-2025-08-misroute")[1]
    assert "statuses stay green" in note(quality.steps[1])
