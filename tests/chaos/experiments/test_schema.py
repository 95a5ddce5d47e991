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


@pytest.mark.parametrize(
    ("written", "hint"),
    [("1e9", "write 1.0e+9"), ("2.5e3", "write 2.5e+3"), ("1E9", "write 1.0e+9")],
)
def test_a_number_that_yaml_takes_for_text_is_told_with_how_to_write_it(
    experiment_file: Any, written: str, hint: str
) -> None:
    data = yaml.safe_load(experiment_file().read_text(encoding="utf-8"))
    data["load"]["deadline_s"] = yaml.safe_load(written)
    assert isinstance(data["load"]["deadline_s"], str)
    with pytest.raises(Wrong) as caught:
        experiment_from(data)
    assert caught.value.hint == f"found: {data['load']['deadline_s']!r}, which YAML takes for text: {hint}"
    assert isinstance(yaml.safe_load(hint.removeprefix("write ")), float)


def test_where_a_whole_number_is_wanted_it_is_one(experiment_file: Any) -> None:
    data = yaml.safe_load(experiment_file().read_text(encoding="utf-8"))
    data["baseline"]["requests"] = "1e3"
    with pytest.raises(Wrong) as caught:
        experiment_from(data)
    assert caught.value.hint.endswith("which YAML takes for text: write 1000")
