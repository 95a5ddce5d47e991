"""Arguments of activities in the words of experiments; what cannot be is refused before anything is done."""

from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.settings import experiment_of, headers_of, hold_of, injection_of
from llmops.chaos.experiments.schema import Hold
from llmops.chaos.wire.dialects import DIALECTS
from llmops.errors import BadInput

DRILL = {"load": {"requests_per_second": 5, "model": "m"}, "providers": {"primary": {"models": ["m"]}}}


def test_a_fault_is_told_to_evidence_and_proxy_alike_and_is_for_inference() -> None:
    injection, toxic = injection_of("primary", "unavailable", {}, {}, {"every": 2}, None)
    assert (injection.provider, injection.name, injection.below_http) == ("primary", "unavailable", False)
    assert (toxic["name"], toxic["type"], toxic["schedule"]["every"]) == ("unavailable", "unavailable", 2)
    assert toxic["scope"]["routes"] == list(injection.scope.routes) == list(DIALECTS)


def test_a_fault_below_http_has_no_routes_and_a_name_is_kept() -> None:
    injection, toxic = injection_of("primary", "refused", {}, {}, {}, "down")
    assert (injection.below_http, toxic["name"], toxic["scope"]["routes"]) == (True, "down", [])


@pytest.mark.parametrize(
    ("fault", "parameters", "scope", "schedule"),
    [
        ("unavailble", {}, {}, {}),
        ("unavailable", {"retry": 1}, {}, {}),
        ("unavailable", {}, {"model": "x"}, {}),
        ("unavailable", {}, {}, {"probability": 2.0}),
    ],
)
def test_a_fault_that_cannot_be_is_refused(fault: str, parameters: Any, scope: Any, schedule: Any) -> None:
    with pytest.raises(BadInput):
        injection_of("primary", fault, parameters, scope, schedule, None)


def test_a_drill_is_an_experiment_at_a_system_that_runs() -> None:
    found = experiment_of({**DRILL, "seed": 3}, "http://127.0.0.1:4000/v1")
    assert (found.system.url, found.seed, found.load.model) == ("http://127.0.0.1:4000/v1", 3, "m")
    assert found.baseline == Hold(requests=20)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"load": {"model": "m"}}, "drill: load has no 'requests_per_second'"),
        ({"laod": {}}, "drill: unknown key 'laod'"),
        ({"system": {"url": "http://h"}}, "a drill has no 'system'"),
        ({"phases": []}, "a drill has no 'phases'"),
        ({"load": {"requests_per_second": 5, "model": "m", "dialect": "openai"}}, "no load speaks 'openai'"),
    ],
)
def test_a_drill_that_cannot_be_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        experiment_of({**DRILL, **change}, "http://h")
    assert words in str(caught.value)


def test_a_hold_is_requests_or_seconds() -> None:
    assert hold_of({"requests": 3, "duration_s": None}) == Hold(requests=3)
    for wrong in ({"requests": None}, {"requests": 3, "duration_s": 1.0}, {"requests": 0}):
        with pytest.raises(BadInput):
            hold_of(wrong)


def test_a_key_goes_where_its_dialect_has_it_and_headers_go_before() -> None:
    experiment = experiment_of(DRILL, "http://h")
    assert headers_of(experiment, "k", {}) == {"authorization": "Bearer k"}
    assert headers_of(experiment, "k", {"Authorization": "Basic x"}) == {"authorization": "Basic x"}
    assert headers_of(experiment, "", {}) == {}
