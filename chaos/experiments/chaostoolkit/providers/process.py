"""Run a program with its arguments, without a shell; it and all that it started end with the activity."""

import asyncio
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llmops.chaos.experiments.chaostoolkit.providers.base import ActivityFailed
from llmops.chaos.experiments.chaostoolkit.values import Values
from llmops.chaos.experiments.processes import GRACE_S, MINDER

SHELL_SYNTAX = frozenset("|&;<>()$`*?[]{}~!#\n\\")


@dataclass(frozen=True)
class Process:
    """`path` with `arguments`: a list, a mapping of options to values, or a text without shell syntax."""

    path: str
    arguments: list[Any] | dict[str, Any] | str | None = None
    timeout: float | None = None
    secrets: list[str] = field(default_factory=list)

    def refusal(self) -> str:
        if self._program() is None:
            return f"there is no program {self.path!r}"
        if isinstance(self.arguments, str) and SHELL_SYNTAX & set(_unquoted(self.arguments)):
            return f"{self.arguments!r} is for a shell, and none is used: write a list"
        return ""

    def problem(self, output: object) -> str:
        status = output["status"] if isinstance(output, dict) else None
        return f"{self.path} ended with exit code {status}" if status else ""

    async def call(self, values: Values) -> object:
        command = [self._program() or self.path, *_words(values.filled(self.arguments))]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(MINDER), str(GRACE_S), "", *command),
            stdin=asyncio.subprocess.PIPE,  # its end tells the minder to stop
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self.timeout):
                stdout, stderr = await _read(process)
        except TimeoutError as error:
            raise ActivityFailed(f"{self.path} had not ended after {self.timeout:g} s") from error
        finally:
            await _end(process)
        return {"status": process.returncode, "stdout": stdout, "stderr": stderr}

    def _program(self) -> str | None:
        return shutil.which(os.path.expanduser(self.path))  # noqa: PTH111 - a name of the PATH is no path


def _unquoted(text: str) -> str:
    """What a shell would look at: neither quoted text, nor `${name}`, which is filled in before."""
    return re.sub(r"'[^']*'|\$\{\w+\}", "", text)


def _words(arguments: object) -> list[str]:
    """The arguments as words; empty ones are left out, as Chaos Toolkit does."""
    if isinstance(arguments, str):
        return shlex.split(arguments)
    if isinstance(arguments, Mapping):
        words: list[object] = [word for pair in arguments.items() for word in pair]
    else:
        words = list(arguments) if isinstance(arguments, list) else []
    return [str(word) for word in words if word not in (None, "")]


async def _read(process: asyncio.subprocess.Process) -> tuple[str, str]:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    assert process.stderr is not None  # noqa: S101 - the same
    stdout, stderr, _ = await asyncio.gather(process.stdout.read(), process.stderr.read(), process.wait())
    return stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    process.stdin.close()
    try:
        async with asyncio.timeout(GRACE_S + 8):  # the minder sweeps for five
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
