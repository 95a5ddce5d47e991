"""What a load asks."""

import json
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.load.plan import PlannedCall
from llmops.chaos.load.prompts import Due, Mix, planned_calls, read_prompts, replayed
from llmops.chaos.providers.answering.tokens import token_count
from llmops.errors import BadInput
from llmops.ports import Arrivals


def calls(mix: Mix, n: int = 1, *, base_url: str = "http://h/v1", seed: int = 0, **due: Any) -> list[PlannedCall]:
    return list(planned_calls((Due(at, **due) for at in range(n)), mix, base_url=base_url, run="run", seed=seed))


def test_weights_say_how_often_a_model_and_a_tenant_are_drawn() -> None:
    mix = Mix(models={"big": 1, "small": 3}, tenants={"a": 1, "b": 1})
    many = calls(mix, 4000)
    # Standard errors: sqrt(4000 * 3/16) = 27 and sqrt(4000 / 4) = 32; five of them.
    assert Counter(call.model for call in many)["small"] == pytest.approx(3000, abs=137)
    assert Counter(call.tenant for call in many)["a"] == pytest.approx(2000, abs=158)
    both = Counter((call.model, call.tenant) for call in many)
    assert both["big", "a"] == pytest.approx(500, abs=105)  # independent of each other: sqrt(4000 * 7/64) = 21
    assert many[0].headers == (("x-tenant", many[0].tenant),)
    assert json.loads(many[0].body)["model"] == many[0].model


def test_a_model_of_weight_zero_is_never_drawn() -> None:
    assert {call.model for call in calls(Mix(models={"a": 0, "b": 1}), 200)} == {"b"}


def test_the_same_seed_asks_the_same_and_each_call_asks_something_else() -> None:
    mix = Mix(models={"a": 1, "b": 1})
    first, again, other = (calls(mix, 50, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert [call.body for call in first] != [call.body for call in other]
    assert len({call.body[:180] for call in first}) == 50  # from their beginning, so that no prefix is cached


def test_another_tenant_moves_no_model() -> None:
    one, two = (calls(Mix(models={"a": 1, "b": 1}, tenants=tenants), 50) for tenants in ({}, {"x": 1, "y": 1}))
    assert [call.model for call in one] == [call.model for call in two]


def test_a_recorded_request_keeps_its_model_its_tenant_and_its_sizes() -> None:
    due: dict[str, Any] = {"model": "logged", "tenant": "acme", "input_tokens": 300, "max_tokens": 9}
    (call,) = calls(Mix(models={}), **due)
    assert (call.model, call.tenant, call.headers) == ("logged", "acme", (("x-tenant", "acme"),))
    body = json.loads(call.body)
    assert body["max_completion_tokens"] == 9
    said = body["messages"][0]["content"].removesuffix("[llmops:run-1]")
    assert token_count(said) == pytest.approx(300, abs=3)


def test_without_any_model_nothing_can_be_asked() -> None:
    with pytest.raises(BadInput, match="no model"):
        calls(Mix(models={}))


@pytest.mark.parametrize("weights", [{"a": -1.0}, {"a": float("nan")}, {"a": float("inf")}, {"a": 0.0}])
def test_weights_that_cannot_be_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="weight"):
        Mix(models=weights)
    with pytest.raises(BadInput, match="weight"):
        Mix(models={"m": 1}, tenants=weights)


def test_prompts_are_used_in_turn() -> None:
    texts = [
        json.loads(call.body)["messages"][0]["content"] for call in calls(Mix(models={"m": 1}, prompts=["a", "b"]), 3)
    ]
    assert texts == ["a [llmops:run-1]", "b [llmops:run-2]", "a [llmops:run-3]"]


def test_prompts_come_from_a_file_of_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_text('"Hello"\n\n{"messages": [{"role": "user", "content": "Hé"}]}\n', encoding="utf-8")
    assert read_prompts(file) == ["Hello", {"messages": [{"role": "user", "content": "Hé"}]}]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no prompt"), ("Hello", "line 1 is no JSON"), ('"a"\n3', "line 2 is neither"), ('""', "neither")],
)
def test_a_file_that_holds_no_prompts_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        read_prompts(file)
    with pytest.raises(BadInput, match="cannot read"):
        read_prompts(tmp_path / "none")


def test_calls_are_made_one_by_one() -> None:
    def endless() -> Any:
        at = 0.0
        while True:
            yield Due(at)
            at += 1

    found = planned_calls(endless(), Mix(models={"m": 1}), base_url="http://h", run="r", seed=0)
    assert [call.request_id for call in islice(found, 2)] == ["r-1", "r-2"]


LOGGED = Arrivals(
    at_s=[100.0, 103.0], models=["a", None], tenants=["acme", None], input_tokens=[40, 0], output_tokens=[9, 0]
)


def test_a_log_is_replayed_with_what_it_says() -> None:
    named = replace(LOGGED, models=["a", "b"])
    assert list(replayed(named, speed=2, mix=Mix(models={}))) == [
        Due(0.0, "a", "acme", 40, 9),
        Due(1.5, "b", None, None, None),  # what it does not say is drawn
    ]


def test_a_mix_that_names_models_or_limits_goes_before_the_log() -> None:
    first, _ = replayed(LOGGED, speed=1, mix=Mix(models={"mine": 1}, tenants={"bob": 1}, max_tokens=5))
    assert first == Due(0.0, None, None, 40, 5)


def test_requests_without_a_model_are_refused_before_anything_is_sent() -> None:
    with pytest.raises(BadInput, match="1 requests of the log name no model"):
        replayed(LOGGED, speed=1, mix=Mix(models={}))
