"""Kills runners at seeded moments, as a process of its own: `killing.py own|lease FOLDER MOMENTS SEED`.

`own`: the runner has started proxy and system. Nothing of them may stay. `lease`: proxy and system run already and go
on. No fault may stay on after its lease. Prints what came of it as JSON. By hand, for a hundred moments each:

    python tests/chaos/experiments/killing.py own FOLDER 100 1
"""

import ctypes
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

RELAY = Path(__file__).with_name("relay.py")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
LEASE_S, LATE_S = 1.0, 0.3
PATIENCE_S = 15.0
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
COMMON = """\
schema_version: 1
name: killed
load: {requests_per_second: 50, model: gpt-4o, deadline_s: 5}
baseline: {requests: 10}
recovery: {requests: 10}
phases:
  - name: slow
    requests: 100
    faults: [{provider: p, fault: slow_first_token, parameters: {delay_s: 0.05}}]
expectations: [{functional_success: {at_least: 0.9}}]
"""
OWN = """\
system:
  command: ["{python}", "-I", "-S", "{relay}", "{{port}}", "127.0.0.1", "{{p.port}}"]
  base_path: /v1
providers: {{p: {{upstream: "http://127.0.0.1:{upstream}/v1", models: [gpt-4o]}}}}
"""
LEASE = """\
system: {{url: "http://127.0.0.1:{system}/v1"}}
proxy: {{control: "http://127.0.0.1:{control}", journal: "{journal}"}}
providers: {{p: {{models: [gpt-4o]}}}}
"""


def runner(experiment: Path, folder: Path) -> int:
    """A fork that runs the command, as a shell would start it; the imports are done."""
    pid = os.fork()
    if pid:
        return pid
    code = 70  # a crash
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where we are in the background it was ignored
    try:
        out = os.open(folder / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        code = commanded(["chaos", "run", str(experiment), "--out", str(folder / "run"), "--lease", str(LEASE_S)])
    except KeyboardInterrupt:
        code = 130  # before the command could know of it
    except Exception:  # noqa: BLE001 - whatever it is, the parent must see it
        traceback.print_exc()
    finally:
        os._exit(code)


def commanded(arguments: list[str]) -> int:
    from llmops.cli import main

    sys.argv = ["llmops", *arguments]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@contextmanager
def helper(*command: str, lines: int) -> Iterator[list[str]]:
    """A process that goes on, and the first lines that it says."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield [process.stdout.readline().strip() for _ in range(lines)]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def children() -> set[int]:
    """All processes below us that are not gone yet: what is orphaned becomes our child."""
    own = os.getpid()
    return {int(word) for word in Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()}


def reaped(known: set[int]) -> list[str]:
    """Wait for all processes but the known ones to end; the commands of those that do not."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        left = children() - known
        if not left:
            return []
        for pid in left:
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)
    return [command_of(pid) for pid in children() - known]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def faults_on(control: int) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", control, timeout=10)
    try:
        connection.request("GET", "/proxies")
        return [toxic["name"] for each in json.load(connection.getresponse()).values() for toxic in each["toxics"]]
    finally:
        connection.close()


def kill_at_moments(text: str, folder: Path, moments: int, seed: int, on: Callable[[], list[str]]) -> dict[str, Any]:
    """One run that is left alone, to know how long it takes; then so many that are not."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    known, dice = children(), random.Random(seed)
    experiment = folder / "killed.yaml"
    experiment.write_text(text, encoding="utf-8")
    began = time.time()
    _, status = os.waitpid(runner(experiment, folder), 0)
    took_s = ended_at(folder / "run" / "journal.jsonl") - began
    total: dict[str, Any] = {"undisturbed": os.waitstatus_to_exitcode(status), "took_s": took_s, "codes": {}}
    total |= {"on_when_killed": 0, "on_afterwards": [], "stayed": reaped(known), "late_s": 0.0}
    for moment in range(moments):
        where = folder / str(moment)
        where.mkdir()
        number = SIGNALS[moment % len(SIGNALS)]
        pid = runner(experiment, where)
        time.sleep(dice.uniform(0, took_s))
        total["on_when_killed"] += len(on())
        os.kill(pid, number)
        killed = time.monotonic()
        _, status = os.waitpid(pid, 0)
        code = f"{number.name} {os.waitstatus_to_exitcode(status)}"
        total["codes"][code] = total["codes"].get(code, 0) + 1
        total["stayed"] += reaped(known)
        total["late_s"] = max(total["late_s"], time.monotonic() - killed)
        if number == signal.SIGKILL:  # nobody was left to end it: its lease does
            time.sleep(max(0.0, killed + LEASE_S + LATE_S - time.monotonic()))
        total["on_afterwards"] += on()
    return total


def ended_at(journal: Path) -> float:
    """When the last process of a run had ended, epoch seconds."""
    last = json.loads(journal.read_text(encoding="utf-8").splitlines()[-1])
    assert last["what"] == "ended", last
    return datetime.fromisoformat(last["at"]).timestamp()


def own(folder: Path, moments: int, seed: int) -> dict[str, Any]:
    with helper("-m", "llmops", "chaos", "provider", "openai", lines=1) as (url,):
        upstream = url.rpartition(":")[2].partition("/")[0]
        text = COMMON + OWN.format(python=sys.executable, relay=RELAY, upstream=upstream)
        return kill_at_moments(text, folder, moments, seed, list)


def lease(folder: Path, moments: int, seed: int) -> dict[str, Any]:
    journal = folder / "proxy.jsonl"
    with helper("-m", "llmops", "chaos", "provider", "openai", lines=1) as (url,):
        fronted = ("--upstream", f"p={url}", "--control", "127.0.0.1:0", "--journal", str(journal))
        with helper("-m", "llmops", "chaos", "proxy", *fronted, lines=2) as said:
            ports = {line.split()[0]: line.rpartition(":")[2].partition("/")[0] for line in said}
            system = free_port()
            with helper("-I", "-S", str(RELAY), str(system), "127.0.0.1", ports["p"], lines=0):
                text = COMMON + LEASE.format(system=system, control=ports["control"], journal=journal)
                return kill_at_moments(text, folder, moments, seed, lambda: faults_on(int(ports["control"])))


def free_port() -> int:
    from llmops.chaos.experiments.processes import free_port as free

    return free()


if __name__ == "__main__":
    kind, into = sys.argv[1], Path(sys.argv[2])
    into.mkdir(parents=True, exist_ok=True)
    import llmops.chaos.cli.run
    import llmops.chaos.experiments.result
    import llmops.chaos.experiments.session  # noqa: F401 - once, before the forks

    sys.stdout.write(json.dumps({"own": own, "lease": lease}[kind](into, int(sys.argv[3]), int(sys.argv[4]))))
