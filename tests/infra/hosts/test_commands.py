"""`llmops infra up|wake|status|sleep|drill|destroy --hosts` on a machine behind an sshd on 127.0.0.1."""

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A standard input that is no terminal."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)


def test_the_whole_way(llmops: Callable[..., Any], hosts_file: Callable[..., Path], machine: Any) -> None:
    hosts = ("--hosts", str(hosts_file(**machine.changes)))
    done = llmops("infra", "up", *hosts, "--yes")
    assert (done.code, f"up: fb on 127.0.0.1:{machine.port}" in done.err) == (0, True)
    done = llmops("infra", "wake", *hosts, "--for", "90m")
    assert (done.code, done.out.startswith("fb serves after ")) == (0, True)
    told = json.loads(llmops("infra", "status", *hosts, "--format", "json").out)
    assert told["title"] == "Fallback fb: 1 of 1 machines serve"
    assert llmops("infra", "sleep", *hosts).out.startswith("fb sleeps after ")
    assert llmops("infra", "destroy", *hosts, "--yes").code == 0
    assert list((machine.at / "machine").iterdir()) == []
    assert (machine.at / "weights" / "config.json").exists()
    assert (machine.at / "key").exists()


def test_a_drill_names_what_is_on_the_machines_and_lets_them_sleep_again(
    llmops: Callable[..., Any], hosts_file: Callable[..., Path], machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient:
        now = 0.0

        def __call__(self) -> float:
            Impatient.now += 20
            return Impatient.now

    command = importlib.import_module("llmops.infra.cli.drill")
    monkeypatch.setattr(command, "clock", Impatient())
    monkeypatch.setattr(command, "wait", lambda _: None)
    hosts = ("--hosts", str(hosts_file(**machine.changes, image=f"vllm/vllm-openai@sha256:{'a' * 64}")))
    assert llmops("infra", "up", *hosts, "--yes").code == 0
    done = llmops("infra", "drill", *hosts, "--endpoint", "http://127.0.0.1:9/v1", "--yes", "--format", "json")
    assert done.code == 1  # nobody answers at that address
    told = json.loads(done.out)["system"]
    assert (told["image_digest"], told["ami_id"]) == (f"sha256:{'a' * 64}", "none: existing machines")
    assert told["launch_template_version"].startswith("script ")
    assert told["model"] == "meta-llama/Llama-3.3-70B-Instruct"
    assert "docker stop --time 300 llmops-vllm" in machine.calls


@pytest.mark.usefixtures("nobody_there")
def test_nothing_is_pushed_unasked(llmops: Callable[..., Any], hosts_file: Callable[..., Path]) -> None:
    for verb in ("up", "destroy"):
        done = llmops("infra", verb, "--hosts", str(hosts_file()))
        assert (done.code, f"{verb}: fb on gpu1.internal, 10.0.0.7:2222" in done.err) == (2, True)


def test_preview_prints_what_up_would_run(llmops: Callable[..., Any], hosts_file: Callable[..., Path]) -> None:
    done = llmops("infra", "preview", "--hosts", str(hosts_file()))
    assert (done.code, "IMAGE=vllm/vllm-openai:v0.11.0" in done.out) == (0, True)


@pytest.mark.parametrize(
    "words",
    [
        ("wake", "--name", "fb"),
        ("sleep", "--region", "us-east-1"),
        ("status", "--name", "fb"),
        ("up", "--with", "pulumi"),
    ],
)
def test_options_of_aws_are_not_for_machines(
    llmops: Callable[..., Any], hosts_file: Callable[..., Path], words: tuple[str, ...]
) -> None:
    done = llmops("infra", *words, "--hosts", str(hosts_file()))
    assert (done.code, f"{words[1]} is for AWS, not for --hosts" in done.err) == (2, True)
