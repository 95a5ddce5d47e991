"""`llmops chaos proxy`, as a process."""

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

COMMAND = [sys.executable, "-m", "llmops", "chaos", "proxy"]


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False, cwd=folder)


@contextmanager
def started(
    folder: Path, *arguments: str, limit_bytes: int | None = None
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A running proxy, and what it announced; SIGXFSZ is ignored, so that a file too large is an error of a write."""

    def limited() -> None:
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    with subprocess.Popen(
        [*COMMAND, "--control", "127.0.0.1:0", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, preexec_fn=limited,  # noqa: PLW1509
    ) as running:  # fmt: skip
        try:
            assert running.stdout is not None
            yield running, dict(running.stdout.readline().split() for _ in range(3))
        finally:
            running.kill()


def post(url: str, body: object) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})  # noqa: S310 - loopback
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - loopback


def delete(url: str) -> None:
    urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=10).close()  # noqa: S310 - loopback


def test_it_says_where_it_listens_serves_its_control_api_and_ends_on_a_signal(tmp_path: Path) -> None:
    arguments = ["--upstream", "openai=http://127.0.0.1:9", "--control", "127.0.0.1:0", "--journal", "proxy.jsonl"]
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    ) as running:
        assert running.stdout is not None
        places = dict(running.stdout.readline().split() for _ in range(2))
        with urllib.request.urlopen(f"{places['control']}/proxies", timeout=10) as answer:  # noqa: S310 - loopback
            assert b"openai" in answer.read()
        running.terminate()
        assert running.wait(timeout=20) == 0
    assert places["openai"].startswith("http://127.0.0.1:")
    assert (tmp_path / "proxy.jsonl").exists()


def test_without_a_journal_named_receipts_go_to_one_that_is_said(tmp_path: Path) -> None:
    with started(tmp_path, "--upstream", "openai=http://127.0.0.1:9") as (running, places):
        assert places["journal"] == "proxy.jsonl"
        running.terminate()
        assert running.wait(timeout=20) == 0
    assert (tmp_path / "proxy.jsonl").exists()


def test_no_journal_must_be_said(tmp_path: Path) -> None:
    with started(tmp_path, "--upstream", "openai=http://127.0.0.1:9", "--journal", "none") as (running, places):
        assert places["journal"] == "none"
        running.terminate()
        assert running.wait(timeout=20) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_can_no_longer_be_written_ends_the_proxy_with_a_sentence(tmp_path: Path) -> None:
    """A full disk in small: the file may not grow beyond a kilobyte (RLIMIT_FSIZE)."""
    with started(tmp_path, "--upstream", "openai=http://127.0.0.1:9", limit_bytes=1024) as (running, places):
        toxic = {"type": "internal_error", "name": "broken", "lease_s": 60}
        deadline = time.monotonic() + 30
        while running.poll() is None and time.monotonic() < deadline:
            with suppress(OSError):
                post(f"{places['control']}/proxies/openai/toxics", toxic)
                delete(f"{places['control']}/proxies/openai/toxics/broken")
        assert running.wait(timeout=20) == 4
        assert running.stderr is not None
        said = running.stderr.read()
    assert "error: the journal proxy.jsonl can no longer be written: File too large" in said
    assert "Traceback" not in said


def test_the_death_of_the_maker_of_records_is_told_on_the_terminal(tmp_path: Path) -> None:
    with started(tmp_path, "--upstream", "openai=http://127.0.0.1:9") as (running, places):
        (child,) = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)
        for _ in range(5):
            with suppress(OSError, http.client.HTTPException):  # the upstream is nobody
                post(f"{places['openai']}/v1/chat/completions", {"model": "m", "messages": []})
            time.sleep(0.1)  # for a batch of records
        running.terminate()
        assert running.wait(timeout=20) == 0
        assert running.stderr is not None
        assert "warning: the process that makes wire records ended" in running.stderr.read()


def test_two_upstreams_of_one_name_are_refused(tmp_path: Path) -> None:
    done = run("--upstream", "a=http://127.0.0.1:1", "--upstream", "a=http://127.0.0.1:2", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: two upstreams are named a\n")


def test_a_second_signal_waits_for_no_call(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        upstream = f"openai=http://127.0.0.1:{hangs.getsockname()[1]}"
        with started(tmp_path, "--upstream", upstream) as (running, places):
            host, port = places["openai"].removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as client:
                client.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
                accepted, _ = hangs.accept()
                accepted.recv(100)
                running.send_signal(signal.SIGINT)
                time.sleep(0.3)  # it drains now, for up to 10 s
                running.send_signal(signal.SIGINT)
                began = time.monotonic()
                assert running.wait(timeout=20) == 0
                assert time.monotonic() - began < 5
                accepted.close()
    last = json.loads((tmp_path / "proxy.jsonl").read_text().splitlines()[-1])
    assert (last["kind"], last["ended"]) == ("wire", "proxy_ended")


def test_nothing_to_stand_in_front_of_is_bad_input(tmp_path: Path) -> None:
    done = run(folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: no provider to stand in front of\nhint:  give --upstream")


def test_a_port_in_use_is_something_outside(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--upstream", "openai=http://127.0.0.1:9", "--port", str(taken.getsockname()[1]), folder=tmp_path)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
