"""Runs a command when a breaker opens: one at a time, with a time limit, and never beyond the end of this process."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from llmops.chaos.experiments.minder import die_with, signal_group
from llmops.chaos.proxy.journal import Journal

GRACE_S = 3.0  # between SIGTERM and SIGKILL


@dataclass(frozen=True)
class Call:
    """Why a command runs; `{provider}` and `{state}` in its arguments are filled, and it is told in its environment."""

    provider: str
    state: str
    transition_at: str
    why: str = ""

    def filled(self, argument: str) -> str:
        return argument.replace("{provider}", self.provider).replace("{state}", self.state)

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "LLMOPS_PROVIDER": self.provider,
            "LLMOPS_STATE": self.state,
            "LLMOPS_AT": self.transition_at,
            "LLMOPS_WHY": self.why,
        }


@dataclass
class _Running:
    process: "subprocess.Popen[bytes]"
    call: Call
    began_s: float
    told_to_end_s: float | None = None


class Waking:
    """The command, and the calls that wait for it. Nothing here blocks but `close`."""

    def __init__(
        self,
        command: Sequence[str],
        journal: Journal,
        *,
        timeout_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.command = list(command)
        self._journal = journal
        self._timeout_s = timeout_s
        self._clock = clock
        self._say = say
        self._waiting: deque[Call] = deque()
        self._running: _Running | None = None

    def ask(self, call: Call) -> None:
        """Run it for this call, when those before it are over."""
        self._waiting.append(call)
        self.poll()

    @property
    def busy(self) -> bool:
        return self._running is not None or bool(self._waiting)

    def poll(self) -> None:
        """Look after the command that runs, and start the next one."""
        if self._running is not None:
            self._look_after(self._running)
        if self._running is None and self._waiting:
            self._start(self._waiting.popleft())

    def close(self) -> None:
        """End what runs, all of its group; what waits is not run."""
        running = self._running
        if running is not None:
            signal_group(running.process.pid, signal.SIGTERM)
            try:
                running.process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                signal_group(running.process.pid, signal.SIGKILL)
                running.process.wait()
            self._over(running, "ended with the watch")
        for call in self._waiting:
            self._journal.write("step", what="command not run: the watch ended", **vars(call))
        self._waiting.clear()

    def _start(self, call: Call) -> None:
        arguments = [call.filled(argument) for argument in self.command]
        parent = os.getpid()
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **call.environment},
                start_new_session=True,  # so that all of its group can be ended, and Ctrl-C is ours
                preexec_fn=lambda: die_with(parent),  # noqa: PLW1509 - there are no threads
            )
        except OSError as error:
            self._journal.write("step", what="command not started", reason=error.strerror, **vars(call))
            self._say(f"cannot start {self.command[0]}: {error.strerror}")
            return
        self._running = _Running(process, call, self._clock())
        self._journal.write("step", what="command started", program=self.command[0], pid=process.pid, **vars(call))

    def _look_after(self, running: _Running) -> None:
        now = self._clock()
        if running.process.poll() is not None:
            self._over(running, "command ended" if running.told_to_end_s is None else "command timed out")
        elif running.told_to_end_s is not None:
            if now - running.told_to_end_s >= GRACE_S:
                signal_group(running.process.pid, signal.SIGKILL)
        elif now - running.began_s >= self._timeout_s:
            running.told_to_end_s = now
            signal_group(running.process.pid, signal.SIGTERM)

    def _over(self, running: _Running, what: str) -> None:
        took_s = round(self._clock() - running.began_s, 3)
        code = running.process.returncode
        if what != "command ended":
            signal_group(running.process.pid, signal.SIGKILL)  # what of its group did not hear the first word
        self._journal.write("step", what=what, exit_code=code, took_s=took_s, **vars(running.call))
        self._say(f"{what}: {self.command[0]} for {running.call.provider}, exit code {code}, {took_s:g} s")
        self._running = None
