"""Children of a run: each with a clean environment and a minder that ends it with the runner, whatever ends that."""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

from llmops.errors import OutsideFailed

MINDER = Path(__file__).with_name("minder.py")
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")  # none of them holds a key
PORTS = (20_000, 32_000)
GRACE_S = 3.0  # between SIGTERM and SIGKILL
KEPT_LINES, LINE_CHARACTERS = 40, 400  # of its output
READ_CHARACTERS = 4096  # of a line are looked at for secrets
READ_BYTES = 65536


class Ended(OutsideFailed):
    """A child ended that was to go on; its last output is the hint."""


@dataclass
class Child:
    """A process that was started, and what it said last."""

    name: str
    process: asyncio.subprocess.Process
    redact: Callable[[str], str]
    said: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    lines: "asyncio.Queue[str | None]" = field(default_factory=asyncio.Queue)  # of one that announces itself

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    @property
    def last_output(self) -> str:
        """What it said last, redacted; also where a secret goes over the end of a line."""
        return self.redact("\n".join(self.said))

    async def line(self, timeout_s: float) -> str:
        """The next line that it prints. Ended when there is none in time."""
        with contextlib.suppress(TimeoutError):
            line = await asyncio.wait_for(self.lines.get(), timeout_s)
            if line is not None:
                return line
            await self.process.wait()
        raise Ended(f"{self.name} {self.state()}", hint=self.last_output or "it said nothing")

    def state(self) -> str:
        code = self.process.returncode
        return "is not ready in time" if code is None else f"ended with exit code {code} before it was ready"


@asynccontextmanager
async def started(  # noqa: PLR0913 - each is given by name
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    redact: Callable[[str], str] = lambda text: text,
    grace_s: float = GRACE_S,
    remove: Path | None = None,
) -> AsyncIterator[Child]:
    """Run a command while the body runs; it and all that it started end with the body, or with this process."""
    minded = [sys.executable, "-I", "-S", str(MINDER), str(grace_s), str(remove or ""), *command]
    process = await asyncio.create_subprocess_exec(
        *minded,
        stdin=asyncio.subprocess.PIPE,  # its end tells the minder to stop
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,  # Ctrl-C is for the runner, who ends things in order
    )
    child = Child(name, process, redact)
    reading = asyncio.create_task(_read(child))
    try:
        yield child
    finally:
        await _end(child, grace_s, reading)


async def _read(child: Child) -> None:
    """Hear it to its end: one whose output nobody takes stands still."""
    assert child.process.stdout is not None  # noqa: S101 - it is a pipe
    begun = b""
    while data := await child.process.stdout.read(READ_BYTES):
        *whole, begun = (begun + data).split(b"\n")
        begun = begun[:READ_BYTES]  # the rest of a line without end is lost
        for raw in whole:
            _heard(child, raw)
    if begun:
        _heard(child, begun)
    child.lines.put_nowait(None)


def _heard(child: Child, raw: bytes) -> None:
    line = raw.decode("utf-8", "replace").rstrip()
    child.said.append(child.redact(line[:READ_CHARACTERS])[:LINE_CHARACTERS])  # half a secret is found by nobody
    if child.lines.qsize() < KEPT_LINES:
        child.lines.put_nowait(line)


async def _end(child: Child, grace_s: float, reading: "asyncio.Task[None]") -> None:
    process = child.process
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    process.stdin.close()
    try:
        async with asyncio.timeout(grace_s + 8):
            await process.wait()
    except TimeoutError:
        process.kill()  # the parent-death signal ends the command
        await process.wait()
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading


def clean_environment(home: Path, given: Mapping[str, str]) -> dict[str, str]:
    """What a child is given: how to find programs, a home of its own, and what the experiment says. No keys."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    heard = {"PYTHONUNBUFFERED": "1"}  # what a Python program says last would be lost with it
    return {**passed, **heard, "HOME": str(home), "TMPDIR": str(home), **given}


def own_command(*arguments: str) -> list[str]:
    """One of our own commands, as the user would start it."""
    return [sys.executable, "-m", "llmops", *arguments]


def program(command: Sequence[str]) -> list[str]:
    """The command with its program found, whatever folder it is started in. OutsideFailed where it is nowhere."""
    found = shutil.which(command[0])
    if found is None:
        raise OutsideFailed(f"there is no program {command[0]!r}", hint="install it, or give its path")
    return [str(Path(found).absolute()), *command[1:]]


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # its last connections may still be closing
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_taken: set[int] = set()


def free_port() -> int:
    """A port of loopback that nobody listens on now, never the same twice in this process.

    Below those that systems give to outgoing connections: one of them could take it while the system starts.
    """
    dice = SystemRandom()
    while True:
        port = dice.randrange(*PORTS)
        if port not in _taken and is_free(port):
            _taken.add(port)
            return port
