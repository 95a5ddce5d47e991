"""Our experiments in Chaos Toolkit's form: valid there, whole, and without a key."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.experiments import shipped
from llmops.chaos.experiments.chaostoolkit.document import document_of as read
from llmops.chaos.experiments.chaostoolkit.exporting import exported
from llmops.chaos.experiments.loader import Source, load_experiment
from llmops.errors import BadInput

Tiny = Callable[..., Any]
TOO_LONG_S = 10_000.0  # incidents of days, which only --speed makes runnable


def shipped_export(name: str) -> dict[str, Any]:
    experiment, source = load_experiment(shipped.file_of(name))
    longest = max(phase.duration_s or 0 for phase in experiment.phases)
    document: dict[str, Any] = json.loads(json.dumps(exported(experiment, source, speed=max(1.0, longest / 10))))
    return document


@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_scenario_is_a_valid_experiment_there(name: str) -> None:
    library = pytest.importorskip("chaoslib.experiment", reason="needs chaostoolkit-lib (a development dependency)")
    library.ensure_experiment_is_valid(shipped_export(name))


@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_scenario_comes_back_whole(name: str) -> None:
    experiment, _ = load_experiment(shipped.file_of(name))
    found = read(shipped_export(name), Source("x.json"), {})
    injected = [each.data["provider"]["arguments"] for each in found.method if each.name.startswith("inject")]
    faults = [(fault.provider, fault.fault) for phase in experiment.phases for fault in phase.faults]
    assert [(each["provider"], each["fault"]) for each in injected] == faults
    loads = [each.data["provider"]["arguments"]["phase"] for each in found.method if each.name.startswith("send load")]
    assert loads == [phase.name for phase in experiment.phases]
    assert len({each.name for each in found.method}) == len(found.method)


def test_a_phase_begins_its_faults_sends_load_asks_and_ends_them(tiny: Tiny) -> None:
    document = exported(*tiny())
    assert [each["name"] for each in document["method"]] == [
        "inject unavailable on primary (broken)",
        "send load (broken)",
        "receipts of unavailable on primary (broken)",
        "clear unavailable on primary (broken)",
    ]
    assert document["rollbacks"][0]["provider"]["func"] == "clear_all"
    assert document["steady-state-hypothesis"]["probes"][0]["tolerance"]["pattern"] == "^PASS$"
    drill = document["configuration"]["llmops_drill"]
    assert drill["expectations"] == [{"functional_success": {"at_least": 0.9}}, "fallback_used"]
    assert (drill["seed"], drill["baseline"], drill["recovery"]) == (7, {"requests": 40}, {"requests": 40})


def test_an_experiment_without_faults_is_a_placebo_in_so_many_words(tiny: Tiny) -> None:
    fault = "faults:\n      - {provider: primary, fault: unavailable}"
    for change, expected in ((fault, None), ("faults: []", True)):
        document = exported(*tiny((fault, change)))
        arguments = document["steady-state-hypothesis"]["probes"][0]["provider"]["arguments"]
        assert arguments.get("placebo") is expected


def test_speed_divides_durations_and_moments_and_nothing_else(tiny: Tiny) -> None:
    schedule = "fault: unavailable, schedule: {after_s: 10, probability: 0.5}"
    changes = [("requests: 40\n    faults", "duration_s: 60\n    faults"), ("fault: unavailable", schedule)]
    method = exported(*tiny(*changes), speed=10)["method"]
    assert method[0]["provider"]["arguments"]["schedule"] == {"after_s": 1.0, "probability": 0.5}
    assert method[1]["provider"]["arguments"]["duration_s"] == 6.0


def test_a_long_phase_says_how_long_it_may_take(tiny: Tiny) -> None:
    method = exported(*tiny(("requests: 40\n    faults", "duration_s: 1800\n    faults")))["method"]
    assert method[1]["timeout"] == 1800 + 5 + 10  # the deadline of the last answer, and a margin


def test_keys_are_named_and_never_written(tiny: Tiny) -> None:
    headers = 'authorization: "Bearer {env.GATEWAY_KEY}", x-a: b'
    system = f"system: {{url: http://h/v1, env_from: [GATEWAY_KEY], headers: {{{headers}}}}}"
    document = exported(*tiny(("system: {url: http://127.0.0.1:4000/v1}", system)))
    assert document["secrets"] == {"llmops": {"GATEWAY_KEY": {"type": "env", "key": "GATEWAY_KEY"}}}
    arguments = document["method"][1]["provider"]["arguments"]
    assert arguments["headers"] == {"authorization": "Bearer ${GATEWAY_KEY}", "x-a": "b"}
    assert document["configuration"]["llmops_system"]["default"] == "http://h/v1"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("seed: 7", "seed: 7\nrepetitions: 3", "tiny.yaml:4: repetitions cannot be exported"),
        ("port: 9101", "port: 9101, tls: true", "tiny.yaml:6: providers.primary.tls cannot be exported"),
        ("{url: http://127.0.0.1:4000/v1}", "{url: http://h, headers: {x-api-key: sk-1}}", "holds a key as it is"),
        ("fault: unavailable", "fault: unavailble", "tiny.yaml:14: no fault is named 'unavailble'"),
        ("provider: primary,", "provider: primray,", "tiny.yaml:14: there is no provider 'primray'"),
        ("fallback_used", "fallback_usd", "tiny.yaml:18: no check is named 'fallback_usd'"),
    ],
)
def test_what_cannot_be_said_there_is_refused_with_its_line(tiny: Tiny, old: str, new: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        exported(*tiny((old, new)))
    assert words in str(caught.value)
    assert "sk-1" not in str(caught.value)
