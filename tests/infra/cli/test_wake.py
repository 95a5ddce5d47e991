"""`llmops infra wake`, `sleep`, `status` and `drill` on a group of moto."""

import importlib
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.usefixtures("group")
def test_awake_is_told_and_ends(infra: Callable[..., Any]) -> None:
    done = infra("wake", "--name", "fb", "--for", "90m", "--replicas", "2")
    assert done.code == 0
    assert done.out.startswith("fb serves after 0 s; it sleeps at ")
    assert done.out.endswith("it costs 20.99 USD an hour on demand (2 × g6e.12xlarge)\n")  # 2 × 10.49264
    told = json.loads(infra("status", "--name", "fb", "--format", "json").out)
    assert told["title"] == "Fallback fb: awake"
    assert told["summary"][0] == "2 wanted of at most 3; 2 of 2 targets healthy."
    assert infra("sleep", "--name", "fb").out == "fb sleeps after 0 s\n"
    assert json.loads(infra("status", "--name", "fb", "--format", "json").out)["title"] == "Fallback fb: asleep"


@pytest.mark.usefixtures("group")
def test_a_group_that_is_not_there_is_one_sentence(infra: Callable[..., Any]) -> None:
    for command in ("wake", "sleep", "status"):
        done = infra(command, "--name", "fc")
        assert (done.code, "there is no Auto Scaling group 'fc'" in done.err) == (2, True)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill for which each look at the clock takes 20 s."""
    command = importlib.import_module("llmops.infra.cli.drill")  # the package gives the function of this name
    monkeypatch.setattr(command, "clock", itertools.count(0.0, 20).__next__)
    monkeypatch.setattr(command, "wait", lambda _: None)


@pytest.mark.usefixtures("impatient")
def test_a_drill_leaves_somebody_elses_lease_as_it_was(infra: Callable[..., Any], group: Any) -> None:
    from llmops.infra.awake import read_group

    infra("wake", "--name", "fb", "--for", "4h", "--replicas", "2")
    before = read_group(group, "fb")
    for lease in ("1h", "2d"):
        assert infra("drill", "--name", "fb", "--endpoint", "http://127.0.0.1:9/v1", "--yes", "--for", lease).code == 1
        after = read_group(group, "fb")
        assert (after.lease_until, after.desired) == (before.lease_until, 2)
    assert before.lease_until is not None


@pytest.mark.usefixtures("impatient")
def test_a_drill_lays_no_lease_on_what_is_awake_without_one(infra: Callable[..., Any], group: Any) -> None:
    from llmops.infra.awake import read_group

    group.autoscaling.set_desired_capacity(AutoScalingGroupName="fb", DesiredCapacity=1)
    assert infra("drill", "--name", "fb", "--endpoint", "http://127.0.0.1:9/v1", "--yes").code == 1
    after = read_group(group, "fb")
    assert (after.lease_until, after.desired) == (None, 1)


@pytest.mark.usefixtures("impatient")
def test_a_drill_that_gets_no_answer_fails_and_sleeps_again(infra: Callable[..., Any], group: Any) -> None:
    from llmops.infra.awake import read_group

    words = ("--name", "fb", "--endpoint", "http://127.0.0.1:9/v1", "--yes")
    done = infra("drill", *words, "--format", "json")
    assert done.code == 1
    told = json.loads(done.out)
    assert told["verdict"]["word"] == "FAIL"
    assert told["verdict"]["because"].startswith("no good answer came")
    assert told["system"]["model"] == "m"
    assert read_group(group, "fb").desired == 0


@pytest.mark.usefixtures("group")
def test_a_drill_with_a_key_that_no_header_holds_is_refused_without_showing_it(
    infra: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMOPS_FALLBACK_KEY", "sk-\nsecret")
    done = infra("drill", "--name", "fb", "--endpoint", "http://127.0.0.1:9/v1", "--yes")
    assert (done.code, "LLMOPS_FALLBACK_KEY is no plain word" in done.err) == (2, True)
    assert "secret" not in done.out + done.err


@pytest.mark.usefixtures("group")
def test_each_command_looks_where_the_configuration_has_its_fallback(
    infra: Callable[..., Any], configured: Callable[..., None], tmp_path: Path
) -> None:
    configured()
    text = (tmp_path / "llmops.yaml").read_text(encoding="utf-8")
    (tmp_path / "llmops.yaml").write_text(text.replace("region: us-east-1", "region: eu-west-1"), encoding="utf-8")
    drill = ("drill", "--endpoint", "http://127.0.0.1:9/v1", "--yes")
    for command in (("wake",), ("sleep",), ("status",), drill, ("stand-in", "--listen", "127.0.0.1:0")):
        done = infra(*command)  # the group is in us-east-1, which the environment names
        assert (done.code, "there is no Auto Scaling group 'fb'" in done.err) == (2, True)
    assert infra("status", "--region", "us-east-1").code == 0
