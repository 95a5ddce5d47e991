from decimal import Decimal
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from llmops.chaos.experiments.loader import parse
from llmops.chaos.experiments.targeting import targeted
from llmops.chaos.gameday.loader import plan_from
from llmops.chaos.gameday.plan_text import block, clock, flow, plan_text
from llmops.chaos.gameday.planning import Draft, draft, steps_of_preset
from llmops.chaos.gameday.presets import names, preset
from llmops.chaos.gameday.scaling import scaled_experiment, speed_for
from llmops.chaos.gameday.schema import json_schema

VALUES: list[Any] = [
    0, 1.0, 0.85, 1e-9, 1e-300, 1.5e300, 3600.25, True, False, None, "", "yes", "No", "null", "on", "a b", "12:30",
    "1e5", "x: y", "x #y", "x,y", "{x}", "#x", "x:", "x ", " x", "- x", "line\nline", "t\tab", "über-ohm",
    "it's \"so\"", "{primary.base_url}", "https://a.example/b?c=d#e", "2026-01-01", "~", "%x", "`x`", "gpt-5.2*",
    [], {}, [1, ["a, b"]], {"a b": {"c": [1.5, "x: y"]}, "on": 1, "1": 2},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("write", [flow, block])
def test_what_is_written_is_read_as_the_same(value: Any, write: Any) -> None:
    assert yaml.safe_load(f"key: {write(value)} # a comment\n") == {"key": value}
    if write is flow:
        assert yaml.safe_load(f"key: [{write(value)}, 1]\n") == {"key": [value, 1]}


def test_sentences_stand_without_quotes_where_nothing_is_ambiguous() -> None:
    assert block("Watch who answers, and how fast.") == "Watch who answers, and how fast."
    assert flow("Watch who answers, and how fast.") == '"Watch who answers, and how fast."'
    assert block("Watch: who answers") == '"Watch: who answers"'


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.5, "0.5 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (2280, "38 min"), (15_720, "4 h 22 min"),
     (2_073_600, "24 d"), (90_000, "1 d 1 h")],
)  # fmt: skip
def test_a_length_of_time_is_told_in_words(seconds: float, words: str) -> None:
    assert clock(seconds) == words


def drafted(name: str, target: str | None = None) -> Draft:
    found = preset(name)
    experiment = found.experiment if target is None else targeted(found.experiment, target, ["x-team: {env.HOME}"])
    speed = speed_for(experiment, 300)
    scaled = scaled_experiment(experiment, speed, f"gameday-{name}")
    return draft(found, scaled, steps_of_preset(found, scaled), speed, Decimal("0.5"))


@pytest.mark.parametrize("name", names())
def test_the_plan_of_every_preset_is_read_as_it_was_meant_and_fits_the_json_schema(name: str) -> None:
    wanted = drafted(name)
    text = plan_text(wanted, f"gameday-{name}.yaml")
    data, source = parse(text, "it.yaml")
    found = plan_from(data, source)
    assert found.experiment == wanted.experiment
    assert found.gameday == wanted.gameday
    assert not list(Draft202012Validator(json_schema()).iter_errors(data))
    assert all(len(line) < 160 for line in text.splitlines())


def test_it_says_what_is_published_and_what_to_do() -> None:
    text = plan_text(drafted("openrouter-2026-02-17-fake401"), "mine.yaml")
    assert text.startswith(
        "# A game day's plan, made from openrouter-2026-02-17-fake401 at a speed of 7.91667.\n"
    )  # 2280 / 288
    assert "llmops gameday run mine.yaml" in text
    assert "is ours" in text.partition("schema_version")[0].replace("\n# ", " ")
    assert "duration_s: 60.63 # 8 min in the preset" in text


def test_a_system_that_runs_already_is_told_without_what_says_nothing() -> None:
    text = plan_text(drafted("openrouter-2026-02-17-fake401", "http://127.0.0.1:4000/v1"), "mine.yaml")
    data, source = parse(text, "it.yaml")
    assert data["system"] == {
        "url": "http://127.0.0.1:4000/v1", "headers": {"x-team": "{env.HOME}"}, "env_from": ["HOME"]
    }  # fmt: skip
    assert plan_from(data, source).experiment.providers["primary"].port == 9101
