"""`llmops chaos gateway`, as a process: ready when it says so, and gone when told."""

import signal
import subprocess
import sys
import urllib.request

import pytest

COMMAND = [sys.executable, "-m", "llmops", "chaos", "gateway"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_at_the_url_it_prints_and_ends_cleanly(how: signal.Signals) -> None:
    command = [*COMMAND, "--upstream", "http://127.0.0.1:9/v1", "--upstream", "http://127.0.0.1:9/v1=gpt-4o-mini"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            with urllib.request.urlopen(url.removesuffix("/v1") + "/health", timeout=10) as answer:  # noqa: S310 - loopback
                assert b"ready" in answer.read()
            process.send_signal(how)
            _, said = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, said) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--upstream", "gpt-4o"], "error: 'gpt-4o' is no URL or URL=MODEL"),
        (["--upstream", "http://127.0.0.1:9/v1="], "is no URL or URL=MODEL"),
        (["--upstream", "http://127.0.0.1:9/v1", "--ill", "launder"], "did you mean 'launders'?"),
        (["--upstream", "http://127.0.0.1:9/v1", "--timeout", "nan"], "a timeout of nan s is none"),
    ],
)
def test_what_cannot_be_ends_with_2_and_a_sentence(arguments: list[str], said: str) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
