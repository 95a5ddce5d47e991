import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

from llmops.chaos.experiments.processes import (
    Ended,
    clean_environment,
    free_port,
    is_free,
    own_command,
    program,
    started,
)
from llmops.chaos.experiments.redaction import redactor
from llmops.errors import OutsideFailed


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


async def outcome(script: str, cwd: Path, *, lines: int = 1, timeout_s: float = 10) -> list[str]:
    env = clean_environment(cwd, {})
    async with started("it", shell(script), env=env, cwd=cwd, redact=redactor(["hunter22"])) as child:
        return [await child.line(timeout_s) for _ in range(lines)]


def test_a_child_is_heard_line_by_line(tmp_path: Path) -> None:
    assert asyncio.run(outcome("echo one; echo two >&2; sleep 1000", tmp_path, lines=2)) == ["one", "two"]


def test_a_child_that_ends_before_it_is_ready_is_told_with_its_last_output_redacted(tmp_path: Path) -> None:
    with pytest.raises(Ended, match="it ended with exit code 3 before it was ready") as caught:
        asyncio.run(outcome("echo bad key hunter22; exit 3", tmp_path, lines=2))
    assert caught.value.hint == "bad key [redacted]"


def test_a_secret_on_the_edge_of_what_is_kept_of_a_line_leaves_no_half(tmp_path: Path) -> None:
    """400 characters of a line are kept, and the key stands from the 396th on."""
    with pytest.raises(Ended) as caught:
        asyncio.run(outcome(f"echo {'x' * 395}hunter22; exit 3", tmp_path, lines=2))
    assert caught.value.hint == "x" * 395 + "[reda"


def test_a_child_that_says_nothing_in_time_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(Ended, match="it is not ready in time") as caught:
        asyncio.run(outcome("sleep 1000", tmp_path, timeout_s=0.1))
    assert caught.value.hint == "it said nothing"


def test_only_the_last_of_much_output_is_kept(tmp_path: Path) -> None:
    async def run() -> str:
        script = "i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); done; exit 1"
        async with started("it", shell(script), env=clean_environment(tmp_path, {}), cwd=tmp_path) as child:
            await child.process.wait()
            await asyncio.sleep(0.1)
            return child.last_output

    kept = asyncio.run(run()).splitlines()
    assert kept == [f"line {n}" for n in range(60, 100)]


def test_a_child_that_says_much_without_a_line_end_does_not_stand_still(tmp_path: Path) -> None:
    script = f"{sys.executable} -c \"print('x' * 3_000_000, end='')\"; echo; echo done; sleep 1000"
    lines = asyncio.run(outcome(script, tmp_path, lines=2))
    assert lines[1] == "done"
    assert set(lines[0]) == {"x"}


def test_a_child_ends_with_the_body_that_needed_it_also_when_that_fails(tmp_path: Path) -> None:
    async def run() -> None:
        async with started("it", shell("echo $$; exec sleep 1000"), env={}, cwd=tmp_path) as child:
            pids.append(int(await child.line(10)))
            raise ValueError("of the body")

    pids: list[int] = []
    with pytest.raises(ValueError, match="of the body"):
        asyncio.run(run())
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_child_ends_when_the_body_is_cancelled(tmp_path: Path) -> None:
    async def run(begun: asyncio.Event) -> None:
        async with started("it", shell("echo $$; exec sleep 1000"), env={}, cwd=tmp_path) as child:
            pids.append(int(await child.line(10)))
            begun.set()
            await asyncio.sleep(1000)

    async def main() -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(run(begun))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    pids: list[int] = []
    asyncio.run(main())
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_no_key_is_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "hunter22")
    env = clean_environment(tmp_path, {"GIVEN": "yes"})
    assert env["GIVEN"] == "yes"
    assert env["HOME"] == str(tmp_path)
    assert "hunter22" not in env.values()
    said = asyncio.run(outcome("env | grep -c hunter22; echo .", tmp_path))
    assert said == ["0"]


def test_a_program_is_found_or_missed_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program(["sh", "-c", "x"])[1:] == ["-c", "x"]
    assert Path(program(["sh"])[0]).is_absolute()
    with pytest.raises(OutsideFailed, match="there is no program 'surely-not-here'"):
        program(["surely-not-here"])
    (tmp_path / "gateway").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "gateway").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert program(["./gateway"]) == [str(tmp_path / "gateway")]  # it is started in another folder


def test_our_own_commands_are_run_by_this_python() -> None:
    assert own_command("chaos", "proxy") == [sys.executable, "-m", "llmops", "chaos", "proxy"]


def test_a_port_is_given_once() -> None:
    ports = [free_port() for _ in range(20)]
    assert len(set(ports)) == 20


def test_a_port_is_free_until_somebody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not is_free(server.getsockname()[1])
    assert is_free(free_port())
