"""The commands of providers and proxy; that they work is shown by whole runs in test_runner.py."""

from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.experiments.schema import Experiment, Provider, experiment_from
from llmops.chaos.experiments.simulated import _keep_words, provider_command, proxy_section


def provider(**more: Any) -> Provider:
    return Provider(**{"simulate": "openai", "models": ["gpt-4o"], **more})


@pytest.mark.parametrize(
    ("more", "options"),
    [
        ({}, []),
        ({"ttft_s": 0.3}, ["--ttft", "0.3"]),
        ({"ttft_s": 0.3, "ttft_p95_s": 0.9}, ["--ttft", "0.3:0.9"]),
        ({"itl_s": 0.02}, ["--itl", "0.02"]),
        ({"tokens_per_second": 50.0, "itl_p95_s": 0.05}, ["--itl", "0.02:0.05"]),
        ({"requests_per_minute": 60, "tokens_per_minute": 9, "requests_per_day": 8},
         ["--rpm", "60", "--tpm", "9", "--rpd", "8"]),
    ],
)  # fmt: skip
def test_a_provider_is_started_as_it_is_described(more: dict[str, Any], options: list[str]) -> None:
    command = provider_command(provider(**more), 7, 9001)
    assert command[3:6] == ["chaos", "provider", "openai"]
    assert command[6:] == ["--port", "9001", "--seed", "7", *options, "--model", "gpt-4o"]


def test_all_its_models_are_named_and_no_other_is_known() -> None:
    command = provider_command(provider(models=["a", "b"], refuse_prefill=True), 0, 9001)
    assert command[-5:] == ["--model", "a", "--model", "b", "--refuse-prefill"]


def experiment(**more: Any) -> Experiment:
    return experiment_from({
        "schema_version": 1,
        "name": "x",
        "seed": 3,
        "system": {"command": ["x"]},
        "providers": {"p": {"simulate": "openai", "models": ["gpt-4o"], "port": 9101, "tls": True}},
        "load": {"requests_per_second": 10.0, "model": "gpt-4o", **more},
        "phases": [{"name": "p", "requests": 1, "faults": []}],
        "expectations": ["laundered"],
    })  # fmt: skip


def test_the_proxy_fronts_each_provider_at_its_port(tmp_path: Any) -> None:
    section = proxy_section(experiment(), {"p": "http://127.0.0.1:5/v1"}, tmp_path / "proxy.jsonl")
    assert section["providers"]["p"]["upstream"] == "http://127.0.0.1:5/v1"
    assert (section["providers"]["p"]["port"], section["providers"]["p"]["tls"]) == (9101, True)
    assert section["control"] == "127.0.0.1:0"
    assert section["seed"] == 3
    assert section["tenant_header"] is None


def test_the_proxy_knows_tenants_where_the_load_has_them(tmp_path: Any) -> None:
    section = proxy_section(experiment(tenants={"a": 1.0}), {"p": "http://h"}, tmp_path / "proxy.jsonl")
    assert section["tenant_header"] == "x-tenant"


@pytest.mark.parametrize(
    ("said", "kept"),
    [(["control x", "p y", "journal z", ""], None), (["control x", "Traceback", "Boom"], "Traceback\nBoom\n")],
)
def test_what_a_proxy_says_beside_its_addresses_is_kept(tmp_path: Any, said: list[str], kept: str | None) -> None:
    _keep_words(SimpleNamespace(said=said), ["p"], tmp_path / "proxy.jsonl")  # type: ignore[arg-type] # of it only this
    log = tmp_path / "proxy.log"
    assert (log.read_text() if log.exists() else None) == kept
