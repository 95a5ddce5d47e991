"""Wake the machines and put them to sleep: the verbs of the fallback, without a cloud."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol, TypeVar

from llmops.errors import BadInput, LlmopsError, OutsideFailed
from llmops.infra.awake import POLL_S, RESERVE_S, Clock, Say, Wait, stays
from llmops.infra.hosts import script
from llmops.infra.hosts.config import Host, HostsFile

T = TypeVar("T")
Word = Literal["asleep", "waking", "serving", "failed", "unreachable"]
WORDS = 4  # that a look prints
AT_ONCE = 16  # machines that are spoken to at the same time


class Runs(Protocol):
    """Runs a script on a machine and gives what it prints. OutsideFailed."""

    def run(self, host: Host, script: str) -> str: ...


@dataclass(frozen=True)
class Seen:
    """One machine, as it was seen."""

    host: Host
    word: Word
    lease_until: datetime | None = None
    trouble: str = ""
    version: str = ""  # of what was pushed to it; empty where it is not known


def look(shell: Runs, hosts: HostsFile) -> list[Seen]:
    """All machines; one that does not answer is unreachable, which is never asleep."""
    asked = script.look(hosts)
    return _on_all(hosts.hosts, lambda host: _seen(shell, host, asked))


def _seen(shell: Runs, host: Host, asked: str) -> Seen:
    try:
        told = shell.run(host, asked).split()
    except OutsideFailed as error:
        return Seen(host, "unreachable", trouble=str(error))
    if len(told) != WORDS or not told[2].isdecimal():
        return Seen(host, "unreachable", trouble=f"it said {' '.join(told)!r}")
    until = datetime.fromtimestamp(int(told[2]), UTC) if int(told[2]) else None
    return Seen(host, _word(told[0], told[1]), until, version=told[3])


def _word(state: str, health: str) -> Word:
    if health == "healthy":
        return "serving"
    if state in {"active", "activating", "reloading"}:
        return "waking"
    return "failed" if state == "failed" else "asleep"


def wake(  # noqa: PLR0913 - each is given by name
    shell: Runs, hosts: HostsFile, *, replicas: int, until: datetime, now: datetime, clock: Clock, wait: Wait, say: Say
) -> tuple[float, datetime]:
    """Seconds until `replicas` machines serve, and when the last sleeps: each keeps a lease of its own that is longer.

    All are started. OutsideFailed where too few can be, or come in time.
    """
    if replicas > len(hosts.hosts):
        raise BadInput(f"{replicas} machines are more than the file names, {len(hosts.hosts)}", hint="name more hosts")
    longest = max((it.lease_until for it in look(shell, hosts) if it.lease_until), default=until)
    if longest > until:
        say(stays(longest))
    begin = script.start(hosts, int((until - now).total_seconds()), int(until.timestamp()))
    troubles = [it for it in _on_all(hosts.hosts, lambda host: _trouble(shell, host, begin)) if it]
    for trouble in troubles:
        say(trouble)
    if len(hosts.hosts) - len(troubles) < replicas:
        raise OutsideFailed(f"{len(troubles)} of {len(hosts.hosts)} machines were not started: {troubles[0]}")
    say(f"{hosts.name}: {len(hosts.hosts) - len(troubles)} machines start, sleep at {until:%Y-%m-%d %H:%M %Z}")
    return await_serving(shell, hosts, replicas=replicas, clock=clock, wait=wait, say=say), max(until, longest)


def await_serving(  # noqa: PLR0913 - each is given by name
    shell: Runs, hosts: HostsFile, *, replicas: int, clock: Clock, wait: Wait, say: Say
) -> float:
    """Seconds until `replicas` machines serve. It changes nothing."""
    limit_s = hosts.spec.timeout_s + RESERVE_S
    return _until(shell, hosts, lambda seen: count(seen, "serving") >= replicas, limit_s, clock, wait, say)


def sleep(shell: Runs, hosts: HostsFile, *, clock: Clock, wait: Wait, say: Say) -> float:
    """Seconds until all sleep. OutsideFailed where one cannot be told so: it may go on serving."""
    troubles = [it for it in _on_all(hosts.hosts, lambda host: _trouble(shell, host, script.stop())) if it]
    if troubles:
        raise OutsideFailed(f"{len(troubles)} of {len(hosts.hosts)} machines were not stopped: {troubles[0]}")
    return _until(shell, hosts, _all_rest, RESERVE_S, clock, wait, say)


def _all_rest(seen: Sequence[Seen]) -> bool:
    return count(seen, "asleep") + count(seen, "failed") == len(seen)


def push(shell: Runs, hosts: HostsFile, text: str, say: Say) -> None:
    """One script on all machines. OutsideFailed, with the first trouble, where it fails on any; the others have it."""
    troubles = [it for it in _on_all(hosts.hosts, lambda host: _trouble(shell, host, text)) if it]
    for trouble in troubles:
        say(trouble)
    if troubles:
        raise OutsideFailed(
            f"{len(troubles)} of {len(hosts.hosts)} machines failed: {troubles[0]}", hint="run it again"
        )


def count(seen: Sequence[Seen], word: Word) -> int:
    return sum(it.word == word for it in seen)


def _trouble(shell: Runs, host: Host, text: str) -> str:
    try:
        shell.run(host, text)
    except LlmopsError as error:
        return f"{error} ({error.hint})" if error.hint else str(error)
    return ""


def _on_all(hosts: Sequence[Host], do: Callable[[Host], T]) -> list[T]:
    with ThreadPoolExecutor(min(AT_ONCE, len(hosts))) as pool:
        return list(pool.map(do, hosts))


def _until(  # noqa: PLR0913, PLR0917 - the parts of one loop
    shell: Runs,
    hosts: HostsFile,
    done: Callable[[list[Seen]], bool],
    limit_s: float,
    clock: Clock,
    wait: Wait,
    say: Say,
) -> float:
    started, told = clock(), ""
    while True:
        seen = look(shell, hosts)
        words = ", ".join(f"{it.host.name} {it.word}" for it in seen)
        if words != told:
            say(f"{clock() - started:6.0f} s  {words}")
            told = words
        if done(seen):
            return clock() - started
        if clock() - started > limit_s:
            trouble = next((it.trouble for it in seen if it.trouble), "")
            hint = trouble or "journalctl --unit llmops-vllm on the machine"
            raise OutsideFailed(f"{hosts.name}: {words} after {limit_s:.0f} s", hint=hint)
        wait(POLL_S)
