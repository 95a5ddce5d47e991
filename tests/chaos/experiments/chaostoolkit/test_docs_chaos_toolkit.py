"""docs/chaos-toolkit.md says what is so."""

import json
import re
from pathlib import Path

import yaml

import llmops.chaos.experiments.chaostoolkit as module
from llmops.chaos.experiments.chaostoolkit.document import NOT_CARRIED, document_of
from llmops.chaos.experiments.chaostoolkit.exporting import document_of as exported
from llmops.chaos.experiments.chaostoolkit.providers.base import providers
from llmops.chaos.experiments.loader import Source, load_experiment
from llmops.chaos.experiments.shipped import file_of
from llmops.chaos.proxy.config import ChaosSection
from llmops.config import validated

PAGE = (Path(__file__).parents[4] / "docs/chaos-toolkit.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_its_first_experiment_can_be_run() -> None:
    data = yaml.safe_load(blocks("yaml")[0].replace("path: docker", "path: 'true'"))
    found = document_of(data, Source("docs"), {"SHOP_TOKEN": "t"})
    assert [each.name for each in found.method] == ["stop the cache", "front page"]


def test_its_proxy_can_be_started_and_is_that_of_the_scenario() -> None:
    section = validated(ChaosSection, yaml.safe_load(blocks("yaml")[1])["chaos"], "chaos")
    experiment, _ = load_experiment(file_of("provider-down"))
    assert set(section.providers) == set(experiment.providers)


def test_its_action_is_one_of_the_module() -> None:
    provider = json.loads(blocks("json")[0])["provider"]
    assert provider["module"] == module.__name__
    assert provider["func"] in module.__all__


def test_every_action_and_probe_is_told() -> None:
    assert {name for name in module.__all__ if f"`{name}(" not in PAGE} == set()


def test_every_provider_refusal_and_variable_is_told() -> None:
    experiment, _ = load_experiment(file_of("provider-down"))
    variables = re.findall(r"LLMOPS_[A-Z_]+", json.dumps(exported(experiment)))
    words = [*(f"provider `{name}`" for name in providers.names()), *(f"`{name}`" for name in NOT_CARRIED), *variables]
    assert [word for word in words if word not in PAGE] == []
