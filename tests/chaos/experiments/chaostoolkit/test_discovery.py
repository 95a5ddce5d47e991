"""What the module tells of itself, with and without Chaos Toolkit's library."""

import subprocess
import sys

import pytest

import llmops.chaos.experiments.chaostoolkit as module
from llmops.chaos.experiments.chaostoolkit.discovery import discover

ACTIONS = {"clear", "clear_all", "inject", "send_load"}
PROBES = {"failover_verdict", "faults_on", "latency_s", "provider_attempts", "receipts", "success_ratio"}


def test_all_actions_and_probes_are_told_and_are_in_the_one_module() -> None:
    told = {(each["name"], each["type"]) for each in discover()["activities"]}
    assert told == {*((name, "action") for name in ACTIONS), *((name, "probe") for name in PROBES)}
    assert set(module.__all__) == {*ACTIONS, *PROBES, "discover"}
    assert all(callable(getattr(module, name)) for name in module.__all__)


def test_each_has_words_and_typed_arguments() -> None:
    for each in discover()["activities"]:
        assert each["doc"], each["name"]
        assert all(argument["type"] for argument in each["arguments"]), each["name"]
    inject = next(each for each in discover()["activities"] if each["name"] == "inject")
    assert inject["arguments"][0] == {"name": "control", "type": "string"}
    assert inject["arguments"][-1] == {"name": "lease_s", "default": 10.0, "type": "number"}
    assert inject["return_type"] == "null"


def test_it_has_the_shape_that_their_library_gives() -> None:
    library = pytest.importorskip(
        "chaoslib.discovery.discover", reason="needs chaostoolkit-lib (a development dependency)"
    )
    theirs = library.initialize_discovery_result("llmops-toolkit", "1", "llmops")
    assert set(discover()) == set(theirs)
    assert set(discover()["platform"]) == set(theirs["platform"])
    for kind in ("actions", "probes"):
        found = library.discover_activities(f"{module.__name__}.{kind}", kind[:-1])
        mine = [each for each in discover()["activities"] if each["type"] == kind[:-1]]
        assert [each["name"] for each in mine] == [each["name"] for each in found]
        assert [set(each) for each in mine] == [set(each) for each in found]


def test_the_module_is_imported_without_their_library_and_without_heavy_ones() -> None:
    code = (
        "import sys; sys.modules['chaoslib'] = None; import llmops.chaos.experiments.chaostoolkit as m;"
        "m.discover(); print(*sorted({'aiohttp', 'pydantic', 'orjson', 'yaml'} & {*sys.modules}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
