"""Stands between the runner and one process: ends it, and all that it started, when the runner is gone for any reason.

Run by its path, with the standard library alone. The runner holds the other end of standard input: its end is the word
to stop, and the system says that word even when the runner was killed. Were the minder itself killed, the parent-death
signal (where there is one) ends the command.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
SWEEP_S = 5.0


def main(grace_s: float, workdir: str, command: list[str]) -> int:
    """Run the command to its end, or to the end of standard input; its exit code."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # what the command leaves behind becomes ours, and ends with us
    minder = os.getpid()
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: die_with(minder),  # noqa: PLW1509 - there are no threads yet
    )
    threading.Thread(target=end_with_input, args=(child, grace_s), daemon=True).start()
    try:
        return child.wait()
    finally:
        signal_group(child.pid, signal.SIGKILL)
        sweep()
        if workdir:
            shutil.rmtree(workdir, ignore_errors=True)


def end_with_input(child: "subprocess.Popen[bytes]", grace_s: float) -> None:
    """When standard input ends: SIGTERM to all of the command, and after the grace SIGKILL."""
    while os.read(0, 4096):
        pass
    signal_group(child.pid, signal.SIGTERM)
    limit = time.monotonic() + grace_s
    while child.poll() is None and time.monotonic() < limit:
        time.sleep(0.01)
    signal_group(child.pid, signal.SIGKILL)


def die_with(parent: int) -> None:
    """In the child before it becomes the command."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be asked for
        os._exit(1)


def prctl(option: int, value: int) -> None:
    """Linux only; elsewhere standard input alone watches."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def sweep() -> None:
    """End what went into a group of its own: on Linux it has become our child."""
    limit = time.monotonic() + SWEEP_S
    while time.monotonic() < limit:
        for pid in children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
        except ChildProcessError:
            return


def children() -> list[int]:
    pid = os.getpid()
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return []


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # 128 + SIGTERM
    code = main(float(sys.argv[1]), sys.argv[2], sys.argv[3:])
    sys.exit(code if code >= 0 else 128 - code)
