"""`llmops chaos proxy`, as a process."""

import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

COMMAND = [sys.executable, "-m", "llmops", "chaos", "proxy"]


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False, cwd=folder)


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


def test_nothing_to_stand_in_front_of_is_bad_input(tmp_path: Path) -> None:
    done = run(folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: no provider to stand in front of\nhint:  give --upstream")


def test_a_port_in_use_is_something_outside(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--upstream", "openai=http://127.0.0.1:9", "--port", str(taken.getsockname()[1]), folder=tmp_path)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
