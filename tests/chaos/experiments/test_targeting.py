from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.targeting import header_of, proxy_urls, targeted
from llmops.errors import BadInput

Write = Callable[..., Path]
URL = "http://127.0.0.1:4000/v1"


def test_the_target_stands_in_place_of_the_system(experiment_file: Write) -> None:
    timers = ("  base_path: /v1", "  base_path: /v1\n  timers_s: {timeout: 3}")
    experiment, _ = load_experiment(experiment_file(timers))
    found = targeted(experiment, URL, [])
    assert (found.system.url, found.system.command, found.system.timers_s) == (URL, None, {"timeout": 3})
    assert found.phases == experiment.phases


def test_providers_without_a_port_take_9101_and_those_after_it(experiment_file: Write) -> None:
    experiment, _ = load_experiment(experiment_file())
    found = targeted(experiment, URL, [])
    assert [provider.port for provider in found.providers.values()] == [9101, 9102]


def test_a_port_that_is_given_stays_and_is_given_to_no_other(experiment_file: Write) -> None:
    experiment, _ = load_experiment(experiment_file(("backup: {", "backup: {port: 9101, ")))
    found = targeted(experiment, URL, [])
    assert [provider.port for provider in found.providers.values()] == [9102, 9101]


def test_headers_name_the_variables_that_they_need(experiment_file: Write) -> None:
    experiment, _ = load_experiment(experiment_file())
    found = targeted(experiment, URL, ["authorization: Bearer {env.KEY}", "x-team: {env.TEAM}-{env.KEY}"])
    assert found.system.headers == {"authorization": "Bearer {env.KEY}", "x-team": "{env.TEAM}-{env.KEY}"}
    assert found.system.env_from == ["KEY", "TEAM"]


@pytest.mark.parametrize("text", ["authorization", ": x", "authorization:", ""])
def test_what_is_no_header_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no header"):
        header_of(text)


def test_a_wrong_header_does_not_tell_its_value() -> None:
    with pytest.raises(BadInput) as caught:
        header_of("Bearer secret-of-mine")
    assert "secret-of-mine" not in caught.value.hint


def test_where_the_target_must_point(experiment_file: Write) -> None:
    real = ("backup: {simulate: openai", "backup: {upstream: 'https://api.example.org/openai/v1'")
    experiment, _ = load_experiment(experiment_file(real))
    assert proxy_urls(targeted(experiment, URL, [])) == {
        "primary": "http://127.0.0.1:9101/v1",
        "backup": "http://127.0.0.1:9102/openai/v1",
    }


def test_an_upstream_without_a_path_has_a_proxy_without_one(experiment_file: Write) -> None:
    """What is written as upstream is what the system has without us: no path is made up."""
    real = ("backup: {simulate: openai", "backup: {upstream: 'https://api.example.org'")
    experiment, _ = load_experiment(experiment_file(real))
    assert proxy_urls(targeted(experiment, URL, []))["backup"] == "http://127.0.0.1:9102"


def test_a_proxy_that_runs_already_keeps_its_addresses(experiment_file: Write) -> None:
    running = ("providers:", "proxy: {control: 'http://127.0.0.1:8474', journal: p.jsonl}\nproviders:")
    experiment, _ = load_experiment(experiment_file(running, ("simulate: openai, ", "")))
    found = targeted(experiment, URL, [])
    assert [provider.port for provider in found.providers.values()] == [None, None]
    assert proxy_urls(found) == {}


def test_a_target_that_is_no_url_is_told_as_such_without_its_key_or_a_line_of_the_file(experiment_file: Write) -> None:
    experiment, _ = load_experiment(experiment_file())
    with pytest.raises(BadInput) as caught:
        targeted(experiment, "http://user:sk-abcdef123456@127.0.0.1:4000/v1", [])
    assert str(caught.value) == "--target: 'http://REDACTED@127.0.0.1:4000/v1' has more than scheme, host and port"
