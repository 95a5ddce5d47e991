"""The page "experiments": its example is one that can run, and says all that the form knows."""

import re
from pathlib import Path

import pytest

from llmops.chaos.experiments.loader import experiment_of, parse
from llmops.chaos.experiments.plan import Plan, plan_of
from llmops.chaos.experiments.schema import Experiment, Load, Phase, Provider, System

PAGE = Path(__file__).parents[2] / "docs" / "experiments.md"


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def plan(text: str) -> Plan:
    found = re.search(r"```yaml\n(schema_version.*?)```", text, re.DOTALL)
    assert found
    data, source = parse(found[1], "primary-down.yaml")
    return plan_of(experiment_of(data, source), source)


def test_the_example_can_run(plan: Plan) -> None:
    assert [step.name for step in plan.steps] == ["baseline", "down", "recovery"]
    assert len(plan.expectations) == 3


@pytest.mark.parametrize("model", [Experiment, System, Provider, Load, Phase])
def test_every_word_of_the_form_is_on_the_page(model: type[Experiment], text: str) -> None:
    missing = [name for name in model.model_fields if not re.search(rf"\b{name}\b", text)]
    assert not missing


def test_the_proxy_that_runs_already_is_understood(text: str) -> None:
    found = re.search(r"```yaml\n(proxy:.*?)```", text, re.DOTALL)
    assert found
    data, _ = parse(found[1], "x.yaml")
    assert set(data) == {"proxy", "providers"}
    for provider in data["providers"].values():
        Provider.model_validate(provider)
