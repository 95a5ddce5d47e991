import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import llmops.chaos.experiments.schema as form
from llmops.chaos.experiments.schema import Experiment, Wrong, experiment_from, json_schema

COMMITTED = Path(form.__file__).with_name("experiment.schema.json")


def test_the_committed_json_schema_is_that_of_the_models() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == json_schema(), (
        "write llmops.chaos.experiments.schema.json_schema() into it"
    )


def test_the_json_schema_takes_and_refuses_what_the_models_do(experiment_file: Any) -> None:
    Draft202012Validator.check_schema(json_schema())
    validator = Draft202012Validator(json_schema())
    good = yaml.safe_load(experiment_file().read_text(encoding="utf-8"))
    assert not list(validator.iter_errors(good))
    assert isinstance(experiment_from(good), Experiment)
    for bad in ({**good, "sed": 1}, {**good, "name": "Not Kebab"}, {**good, "phases": []}, {**good, "repetitions": 0}):
        assert list(validator.iter_errors(bad))
        with pytest.raises(Wrong):
            experiment_from(bad)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"ttft_s": 0.1}, "only a simulated provider has ttft_s"),
        ({"simulate": "openai"}, "either simulated"),
    ],
)
def test_a_real_provider_has_no_pace(more: dict[str, Any], words: str, experiment_file: Any) -> None:
    data = yaml.safe_load(experiment_file().read_text(encoding="utf-8"))
    data["providers"]["primary"] = {"upstream": "https://api.openai.com", "models": ["gpt-4o"], **more}
    with pytest.raises(Wrong, match=words):
        experiment_from(data)


def test_a_system_that_runs_already_is_not_started(experiment_file: Any) -> None:
    data = yaml.safe_load(experiment_file().read_text(encoding="utf-8"))
    data["system"] = {"url": "http://127.0.0.1:4000/v1", "env": {"A": "b"}}
    with pytest.raises(Wrong, match="a system that runs already is not started: env cannot be"):
        experiment_from(data)


def test_one_source_or_several_are_a_list(experiment_file: Any) -> None:
    data = yaml.safe_load(experiment_file().read_text(encoding="utf-8"))
    assert experiment_from(data).sources == []
    assert experiment_from({**data, "source": "https://a"}).sources == ["https://a"]
    assert experiment_from({**data, "source": ["https://a", "https://b"]}).sources == ["https://a", "https://b"]
