import itertools
import json
from typing import Any

import pytest

from llmops.chaos.experiments.calls import calls, offsets, truth, user_request
from llmops.chaos.experiments.schema import Experiment, Load, Wrong, experiment_from
from llmops.chaos.load.record import CallRecord
from llmops.chaos.providers.answering.truth import is_whole


def load(**more: Any) -> Load:
    return Load(**{"requests_per_second": 10.0, "model": "gpt-4o", **more})


def experiment(**load_words: Any) -> Experiment:
    return experiment_from({
        "schema_version": 1,
        "name": "x",
        "seed": 3,
        "system": {"command": ["x"]},
        "providers": {"p": {"simulate": "openai", "models": ["gpt-4o"]}},
        "load": {"requests_per_second": 10.0, "model": "gpt-4o", **load_words},
        "phases": [{"name": "p", "requests": 1, "faults": []}],
        "expectations": ["laundered"],
    })  # fmt: skip


def record(of: Experiment, **more: Any) -> CallRecord:
    call = next(calls(of, (0.0,), base_url="http://h/v1", run="r"))
    given: dict[str, Any] = {
        "request_id": call.request_id, "dialect": call.dialect, "path": call.path, "model_asked": call.model,
        "stream": call.stream, "request_body": call.body, "scheduled_at": 1.0, "dispatched_at": 1.0, "sent_at": 1.5,
        "ended_at": 2.0,
    }  # fmt: skip
    return CallRecord(**{**given, **more})


def test_constant_arrivals_are_evenly_spaced() -> None:
    assert offsets(load(), 0, count=3) == (0.0, 0.1, 0.2)
    assert offsets(load(), 0, duration_s=0.35) == (0.0, 0.1, 0.2, 0.3)


@pytest.mark.parametrize("kind", [{"arrivals": "poisson"}, {"arrivals": "gamma", "shape": 0.5}])
def test_random_arrivals_are_those_of_the_seed(kind: dict[str, Any]) -> None:
    found = offsets(load(**kind), 1, count=500)
    assert found == offsets(load(**kind), 1, count=500)
    assert found != offsets(load(**kind), 2, count=500)
    assert list(found) == sorted(found)
    assert 40 < found[-1] < 62  # 500 at 10 a second are 50 s, give or take three standard deviations of gamma's 3.2 s


def test_bursts_are_burstier_than_chance() -> None:
    def variance(**kind: Any) -> float:
        gaps = [b - a for a, b in itertools.pairwise(offsets(load(**kind), 1, count=2000))]
        mean = sum(gaps) / len(gaps)
        return sum((gap - mean) ** 2 for gap in gaps) / len(gaps) / mean**2

    assert variance(arrivals="gamma", shape=0.25) > 2 * variance(arrivals="poisson")


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages", "gemini"])
def test_every_request_is_another_and_carries_its_marker(dialect: str) -> None:
    made = list(calls(experiment(dialect=dialect), (0.0, 0.1), base_url="http://h/v1", run="r1-1-cut"))
    assert [call.request_id for call in made] == ["r1-1-cut-1", "r1-1-cut-2"]
    assert all(f"[llmops:{call.request_id}]" in call.body.decode() for call in made)
    assert len({call.body for call in made}) == 2


def test_tenants_are_named_in_their_header() -> None:
    made = list(calls(experiment(tenants={"a": 1.0}), (0.0,), base_url="http://h/v1", run="r"))
    assert made[0].headers == (("x-tenant", "a"),)


def test_the_bounds_of_an_answer_are_asked_for() -> None:
    made = next(calls(experiment(max_tokens=7), (0.0,), base_url="http://h/v1", run="r"))
    assert json.loads(made.body)["max_completion_tokens"] == 7


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages", "gemini"])
@pytest.mark.parametrize("stream", [True, False])
def test_the_truth_is_known_where_all_providers_are_simulated(dialect: str, stream: bool) -> None:
    of = experiment(dialect=dialect, stream=stream)
    told = truth(of, record(of))
    assert told is not None
    assert is_whole(told)


def test_the_truth_depends_on_the_seed_and_is_unknown_of_a_real_provider() -> None:
    of = experiment()
    assert truth(of, record(of)) != truth(of.model_copy(update={"seed": 4}), record(of))
    real = of.providers["p"].model_copy(update={"simulate": None, "upstream": "https://api.openai.com"})
    assert truth(of.model_copy(update={"providers": {"p": real}}), record(of)) is None


def test_a_record_becomes_evidence() -> None:
    of = experiment()
    made = user_request(
        record(of, status=200, complete=True, text="hi", finish_reason="stop"),
        phase="cut", repetition=2, deadline_s=5.0, truth="hi",
    )  # fmt: skip
    assert (made.id, made.phase, made.repetition) == ("r-1", "cut", 2)
    assert (made.scheduled_at, made.sent_at, made.ended_at, made.deadline_s) == (1.0, 1.5, 2.0, 5.0)
    assert (made.status, made.terminated, made.text, made.truth, made.finish_reason) == (200, True, "hi", "hi", "stop")


def test_one_that_was_called_off_has_no_end_and_one_never_sent_is_dated_by_its_schedule() -> None:
    of = experiment()
    off = record(of, transport_error="cancelled", sent_at=None)
    made = user_request(off, phase="cut", repetition=1, deadline_s=5.0, truth=None)
    assert (made.ended_at, made.sent_at, made.transport_error) == (None, 1.0, "cancelled")


def test_more_of_a_body_is_in_every_request_and_changes_nothing_else() -> None:
    plain, more = (
        [json.loads(call.body) for call in calls(of, (0.0, 0.1), base_url="http://127.0.0.1:1/v1", run="r")]
        for of in (experiment(), experiment(body={"disable_fallbacks": True}))
    )
    assert more == [{**body, "disable_fallbacks": True} for body in plain]


def test_a_body_may_not_say_what_the_load_says() -> None:
    with pytest.raises(Wrong, match="the body's stream is the load's own"):
        experiment(body={"stream": False})
