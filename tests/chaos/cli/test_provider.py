"""`llmops chaos provider`, as a process: ready when it says so, and gone when told."""

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from llmops.chaos.cli.provider import delay
from llmops.errors import BadInput

COMMAND = [sys.executable, "-m", "llmops", "chaos", "provider"]


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("name", "path"), [("openai", "/models"), ("anthropic", "/v1/models"), ("gemini", "/v1beta/models")]
)
def test_it_serves_at_the_url_it_prints_and_ends_cleanly(name: str, path: str, how: signal.Signals) -> None:
    with started(name, "--port", "0") as (process, url):
        keys = {"authorization": "Bearer any", "x-api-key": "any", "x-goog-api-key": "any"}
        request = urllib.request.Request(url + path, headers=keys)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            assert answer.status == 200
        process.send_signal(how)
        _, said = process.communicate(timeout=10)
        assert process.returncode == 0
        assert said.endswith("ended\n")
        assert "Traceback" not in said


def test_a_port_in_use_ends_with_4_and_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "openai", "--port", port], capture_output=True, text=True, timeout=30, check=False
        )
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith(f"error: port {port} on 127.0.0.1 is in use\nhint: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["opnai"], "did you mean 'openai'?"),
        (["openai", "--ttft", "fast"], "--ttft 'fast' is no time"),
        (["openai", "--ttft", "2:1"], "95th percentile"),
        (["openai", "--itl", "-1"], "cannot be"),
    ],
)
def test_bad_input_ends_with_2_and_a_sentence(arguments: list[str], said: str) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_delay_is_a_median_and_perhaps_a_percentile() -> None:
    assert delay("0.3", "--ttft") == (0.3, None)
    assert delay("0.3:0.9", "--ttft") == (0.3, 0.9)
    for wrong in ("", "a", "1:", "1:2:3"):
        with pytest.raises(BadInput):
            delay(wrong, "--ttft")
