import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import llmops.chaos.gameday.schema as form
from llmops.chaos.experiments.schema import Wrong
from llmops.chaos.gameday.schema import AbortWhen, Detector, ErrorBudget, PlanForm, form_from, json_schema
from llmops.chaos.reliability.breaker import Baseline, Settings

COMMITTED = Path(form.__file__).with_name("gameday.schema.json")


def test_the_committed_json_schema_is_that_of_the_models() -> None:
    if os.environ.get("LLMOPS_UPDATE_DOCS"):
        COMMITTED.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == json_schema(), (
        "the experiments' form is part of it: run LLMOPS_UPDATE_DOCS=1 pytest of this file"
    )


def with_gameday(good: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**good, "gameday": {**good["gameday"], **more}}


def test_the_json_schema_takes_and_refuses_what_the_models_do(plan_file: Callable[..., Path]) -> None:
    Draft202012Validator.check_schema(json_schema())
    validator = Draft202012Validator(json_schema())
    good = yaml.safe_load(plan_file().read_text(encoding="utf-8"))
    safety = good["gameday"]["safety"]
    assert not list(validator.iter_errors(good))
    assert isinstance(form_from(good), PlanForm)
    for bad in (
        {name: value for name, value in good.items() if name != "gameday"},
        with_gameday(good, gaol="a typo"),
        with_gameday(good, hypotheses=[]),
        with_gameday(good, duration_s=0),
        with_gameday(good, safety={**safety, "abort_when": {}}),
        with_gameday(good, safety={**safety, "abort_when": {"over_requests": 20}}),
        with_gameday(good, safety={**safety, "abort_when": {"burn_over_expected": 1.0}}),
        with_gameday(good, safety={**safety, "canary": {"lease_s": 61}}),
        with_gameday(good, detector={"signals": ["vibes"]}),
    ):
        assert list(validator.iter_errors(bad))
        with pytest.raises(Wrong):
            form_from(bad)


def test_the_expected_burn_of_a_phase_is_its_failed_ratio_over_what_the_target_leaves() -> None:
    budget = ErrorBudget(target_ratio=0.99, expected_failed_ratio={"broken": 0.05})
    assert budget.expected_burn("broken") == pytest.approx(5.0)  # 0.05 / (1 - 0.99)
    assert budget.expected_burn("other") is None


def test_a_floor_is_that_of_every_phase_or_of_those_it_names() -> None:
    assert AbortWhen(functional_success_below=0.5).floor("any") == 0.5
    named = AbortWhen(functional_success_below={"broken": 0.4})
    assert named.floor("broken") == 0.4
    assert named.floor("other") is None
    assert AbortWhen(usd_over=5).floor("any") is None


def test_a_detector_that_says_nothing_is_the_breaker_with_its_defaults() -> None:
    assert Detector().settings() == Settings()
    assert Detector().baseline() == Baseline()
    set_so = Detector(signals=["quality"], window_s=5, baseline_quality=0.9)
    assert set_so.settings() == Settings(signals=("quality",), window_s=5)
    assert set_so.baseline() == Baseline(None, 0.9)
