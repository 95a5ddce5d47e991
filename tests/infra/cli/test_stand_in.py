"""`llmops infra stand-in` on a group of moto, with a real request."""

import http.client
import importlib
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.mark.parametrize("text", ["8099", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", ":8099", "127.0.0.1:²"])
def test_what_is_no_address_is_refused(infra: Callable[..., Any], text: str) -> None:
    done = infra("stand-in", "--name", "fb", "--listen", text)
    assert (done.code, f"--listen {text!r} is no address" in done.err) == (2, True)


def test_a_length_of_time_is_checked(infra: Callable[..., Any]) -> None:
    done = infra("stand-in", "--name", "fb", "--recovery", "soon")
    assert (done.code, "--recovery 'soon' is no length of time" in done.err) == (2, True)


def test_machines_are_followed_as_well(
    infra: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("ssh") is None:
        pytest.skip("ssh is not installed")
    file = {
        "name": "fb",
        "model": "m",
        "weights_revision": "r1",
        "image": "vllm/vllm-openai:v0.11.0",
        "weights": "/srv/weights",
        "key_file": "/etc/llmops-key",
        "hosts": [{"address": "127.0.0.1", "port": 9}],
        "ssh": {"config": str(tmp_path / "ssh_config")},
    }
    (tmp_path / "ssh_config").write_text("", encoding="utf-8")
    (tmp_path / "hosts.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    command = importlib.import_module("llmops.infra.cli.stand_in")
    said: list[str] = []

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command.typer, "echo", lambda text, **_: said.append(text))
    monkeypatch.setattr(command, "wait", interrupt)
    done = infra("stand-in", "--hosts", str(tmp_path / "hosts.yaml"), "--listen", "127.0.0.1:0")
    assert (done.code, said[0].endswith("stands in for fb, unknown")) == (0, True)  # nobody listens on port 9
    assert infra("stand-in", "--hosts", str(tmp_path / "hosts.yaml"), "--name", "fb").code == 2


@pytest.mark.usefixtures("group")
@pytest.mark.parametrize(("options", "seconds"), [((), "600"), (("--recovery", "14m"), "840")])
def test_it_stands_in_until_it_is_interrupted(
    infra: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], seconds: str
) -> None:
    command = importlib.import_module("llmops.infra.cli.stand_in")
    told: list[Any] = []

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    def asked_and_interrupted(_: float) -> None:
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)", said[0])[1])  # type: ignore[index]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/v1/models")
        answer = connection.getresponse()
        told.append((answer.status, answer.getheader("retry-after")))
        connection.close()
        interrupt(0)

    said: list[str] = []
    monkeypatch.setattr(command.typer, "echo", lambda text, **_: said.append(text))
    monkeypatch.setattr(command, "wait", asked_and_interrupted)
    before = threading.active_count()
    done = infra("stand-in", "--name", "fb", "--listen", "127.0.0.1:0", *options)
    assert (done.code, told) == (0, [(503, seconds)])
    assert said[0].endswith("stands in for fb, asleep")
    assert threading.active_count() == before
