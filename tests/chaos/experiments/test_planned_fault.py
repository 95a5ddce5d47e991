from typing import Any

import pytest

from llmops.chaos.experiments.planned_fault import PlannedFault, planned_fault
from llmops.chaos.experiments.schema import Experiment, Injected, experiment_from
from llmops.chaos.wire.dialects import DIALECTS
from llmops.errors import BadInput


def experiment(*, tls: bool = False) -> Experiment:
    return experiment_from({
        "schema_version": 1,
        "name": "x",
        "system": {"command": ["x"]},
        "providers": {"primary": {"simulate": "openai", "models": ["gpt-4o", "gpt-5"], "tls": tls}},
        "load": {"requests_per_second": 10, "model": "gpt-4o"},
        "phases": [{"name": "p", "requests": 40, "faults": []}],
        "expectations": ["laundered"],
    })  # fmt: skip


def planned(of: Experiment | None = None, speed: float = 1.0, **words: Any) -> PlannedFault:
    injected = Injected(**{"provider": "primary", "fault": "unavailable", **words})
    return planned_fault(injected, of or experiment(), requests=40, duration_s=4.0, speed=speed)


def test_a_fault_is_for_inference_unless_asked_otherwise() -> None:
    assert planned().toxic["scope"]["routes"] == list(DIALECTS)
    assert planned().injection.scope.routes == tuple(DIALECTS)
    assert planned(scope={"routes": ["/v1/*"]}).toxic["scope"]["routes"] == ["/v1/*"]


def test_a_fault_below_http_has_no_scope() -> None:
    found = planned(fault="refused")
    assert found.injection.below_http
    assert found.injection.scope.is_all
    assert found.toxic["scope"]["routes"] == []


def test_moments_of_a_schedule_scale_and_counts_do_not() -> None:
    schedule = {"after_s": 2.0, "until_s": 6.0, "every": 3, "ramp": [[0.0, 0.1], [4.0, 0.5]]}
    found = planned(speed=2.0, schedule=schedule).injection.schedule
    assert (found.after_s, found.until_s, found.every, found.ramp) == (1.0, 3.0, 3, ((0.0, 0.1), (2.0, 0.5)))


def test_parameters_do_not_scale() -> None:
    found = planned(speed=2.0, fault="delayed_answer", parameters={"delay_s": 3.0})
    assert found.toxic["attributes"] == {"delay_s": 3.0}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"provider": "primry"}, "there is no provider 'primry'"),
        ({"fault": "unavailble"}, "no fault is named 'unavailble'"),
        ({"parameters": {"no_such": 1}}, "unavailable has no parameter 'no_such'"),
        ({"schedule": {"probability": 5.0}}, "a probability of 5.0"),
        ({"scope": {"models": ["gpt-6"]}}, "no model 'gpt-6'"),
        ({"scope": {"routes": ["openai_caht"]}}, "no route is named 'openai_caht'"),
        ({"scope": {"tenants": ["a"]}}, "the scope names tenants, and the load has none"),
        ({"fault": "refused", "scope": {"models": ["gpt-4o"]}}, "acts on connections"),
        ({"fault": "expired_certificate"}, "needs a TLS listener"),
    ],
)
def test_a_fault_that_no_proxy_would_take_is_refused(words: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        planned(**words)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ({"scope": {"tenants": ["a"]}}, "give the load `tenants: {NAME: weight}`"),
        ({"fault": "expired_certificate"}, "give primary `tls: true`, and the system {authority} to trust"),
    ],
)
def test_its_hint_names_what_an_experiment_has(words: dict[str, Any], hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        planned(**words)
    assert caught.value.hint == hint


def test_a_fault_that_has_its_listener_is_not_refused() -> None:
    planned(experiment(tls=True), fault="expired_certificate")
