"""Machines awake and asleep: by scripted answers, and over a real sshd."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import BadInput, OutsideFailed
from llmops.infra.hosts.awake import look, push, sleep, wake
from llmops.infra.hosts.config import Host, HostsFile, load_hosts
from llmops.infra.hosts.script import setup, version
from llmops.infra.hosts.ssh import Shell

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=4)


class Time:
    """A clock that moves by what is waited."""

    def __init__(self) -> None:
        self.now, self.said = 0.0, list[str]()

    @property
    def passed_in(self) -> dict[str, Any]:
        def wait(seconds: float) -> None:
            self.now += seconds

        return {"clock": lambda: self.now, "wait": wait, "say": self.said.append}


class Scripted:
    """Machines that answer looks with the next of some words, the last one for ever; an error is raised."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers, self.ran = answers, list[tuple[str, str]]()

    def run(self, host: Host, script: str) -> str:
        told = self.answers[host.address]
        if "is-active llmops-vllm.service" not in script:
            self.ran.append((host.address, script))
            if told[0] == "refuses":
                raise OutsideFailed(f"{host.address} failed: no")
            return ""
        word = told.pop(0) if len(told) > 1 else told[0]
        if isinstance(word, Exception):
            raise word
        return str(word)


SERVES, STARTS, RESTS = "active healthy 1795449600 v1\n", "activating unhealthy 0 v1\n", "inactive unhealthy 0 v1\n"


@pytest.fixture
def two(hosts_file: Callable[..., Path]) -> HostsFile:
    return load_hosts(hosts_file(hosts=["a", "b"]))


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (SERVES, "serving"),
        (STARTS, "waking"),
        ("active unhealthy 0 v1", "waking"),
        (RESTS, "asleep"),
        ("unknown unhealthy 0 none", "asleep"),  # nothing was pushed yet
        ("failed unhealthy 0 v1", "failed"),
        ("", "unreachable"),
        ("active healthy", "unreachable"),
        (OutsideFailed("a cannot be reached"), "unreachable"),
    ],
)
def test_what_a_machine_says_is_one_word(two: HostsFile, told: Any, word: str) -> None:
    assert look(Scripted(a=[told], b=[RESTS]), two)[0].word == word


def test_the_end_of_the_lease_is_told(two: HostsFile) -> None:
    first, second = look(Scripted(a=[SERVES], b=[RESTS]), two)
    assert first.lease_until == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert second.lease_until is None


def test_waking_waits_until_as_many_serve_as_were_asked_for(two: HostsFile) -> None:
    shell, time = Scripted(a=[RESTS, STARTS, STARTS, SERVES], b=[STARTS]), Time()
    assert wake(shell, two, replicas=1, until=UNTIL, now=NOW, **time.passed_in) == (20.0, UNTIL)
    assert [host for host, _ in sorted(shell.ran)] == ["a", "b"]  # all are started
    assert all("--on-active=14400s" in script for _, script in shell.ran)
    assert time.said[0] == "fb: 2 machines start, sleep at 2026-11-26 16:00 UTC"


def test_one_machine_that_is_gone_does_not_keep_the_others_asleep(two: HostsFile) -> None:
    shell, time = Scripted(a=["refuses"], b=[SERVES]), Time()
    assert wake(shell, two, replicas=1, until=UNTIL, now=NOW, **time.passed_in) == (0.0, UNTIL)
    assert time.said[0] == "a failed: no"
    with pytest.raises(OutsideFailed, match="1 of 2 machines were not started: a failed: no"):
        wake(Scripted(a=["refuses"], b=[SERVES]), two, replicas=2, until=UNTIL, now=NOW, **Time().passed_in)


def test_more_than_there_are_is_refused_before_anything_starts(two: HostsFile) -> None:
    shell = Scripted(a=[SERVES], b=[SERVES])
    with pytest.raises(BadInput, match="3 machines are more than the file names, 2"):
        wake(shell, two, replicas=3, until=UNTIL, now=NOW, **Time().passed_in)
    assert shell.ran == []


def test_what_does_not_serve_in_time_is_an_error_with_the_reason(two: HostsFile) -> None:
    time = Time()
    with pytest.raises(OutsideFailed, match="a unreachable, b waking after 2550 s") as failed:
        wake(
            Scripted(a=[OutsideFailed("a: gone")], b=[STARTS]), two, replicas=1, until=UNTIL, now=NOW, **time.passed_in
        )
    assert (failed.value.hint, time.now) == ("a: gone", 2560.0)  # 1.25 × 1800 + 300, and the look after that


def test_sleeping_waits_until_all_rest(two: HostsFile) -> None:
    shell = Scripted(a=[SERVES, RESTS], b=[SERVES, "failed unhealthy 0 v1"])
    assert sleep(shell, two, **Time().passed_in) == 10.0
    with pytest.raises(OutsideFailed, match="after 300 s"):
        sleep(Scripted(a=[SERVES], b=[RESTS]), two, **Time().passed_in)


def test_a_machine_that_cannot_be_told_to_sleep_is_an_error(two: HostsFile) -> None:
    with pytest.raises(OutsideFailed, match="1 of 2 machines were not stopped: b failed: no"):
        sleep(Scripted(a=[RESTS], b=["refuses"]), two, **Time().passed_in)


def test_a_push_that_fails_anywhere_is_an_error_and_the_others_have_it(two: HostsFile) -> None:
    shell = Scripted(a=["refuses"], b=[RESTS])
    with pytest.raises(OutsideFailed, match="1 of 2 machines failed: a failed: no"):
        push(shell, two, "true", lambda _: None)
    assert [host for host, _ in sorted(shell.ran)] == ["a", "b"]


# --- over a real sshd


@pytest.fixture
def here(machine: Any, hosts_file: Callable[..., Path]) -> tuple[HostsFile, Shell]:
    hosts = load_hosts(hosts_file(**machine.changes))
    return hosts, Shell(hosts.ssh, sudo=hosts.sudo)


def test_a_machine_is_set_up_woken_and_put_to_sleep(here: tuple[HostsFile, Shell], machine: Any) -> None:
    hosts, shell = here
    push(shell, hosts, setup(hosts), lambda _: None)
    assert (machine.at / "machine" / "tls" / "key.pem").stat().st_mode & 0o077 == 0
    assert [(it.word, it.version) for it in look(shell, hosts)] == [("asleep", version(hosts))]
    assert machine.calls[:4] == [
        f"systemctl link --force {machine.at}/machine/llmops-vllm.service",
        "systemctl daemon-reload",
        "docker image inspect vllm/vllm-openai:v0.11.0",
        "docker pull --quiet vllm/vllm-openai:v0.11.0",
    ]

    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=4)
    wake(shell, hosts, replicas=1, until=until, now=until - timedelta(hours=4), **Time().passed_in)
    (seen,) = look(shell, hosts)
    assert (seen.word, seen.lease_until) == ("serving", until)
    lease = "systemd-run --quiet --collect --unit=llmops-sleep --on-active=14400s systemctl stop llmops-vllm.service"
    started = next(at for at, call in enumerate(machine.calls) if call.startswith("systemctl start"))
    assert machine.calls.index(lease) < started
    run = next(call for call in machine.calls if call.startswith("docker run"))
    assert run.endswith(
        "vllm/vllm-openai:v0.11.0 --model /weights --served-model-name meta-llama/Llama-3.3-70B-Instruct "
        "--host 0.0.0.0 --port 8000 --tensor-parallel-size 2 --max-model-len 8192 --middleware llmops_edge.OnlyTheApi "
        "--ssl-keyfile /tls/key.pem --ssl-certfile /tls/cert.pem --max-num-seqs 64 (with a key)"
    )
    assert "secret-key-of-the-api" not in "".join(machine.calls)

    for shorter, longer in ((timedelta(hours=-3), timedelta(0)), (timedelta(hours=2), timedelta(hours=2))):
        time = Time()
        told = wake(shell, hosts, replicas=1, until=until + shorter, now=until - timedelta(hours=4), **time.passed_in)
        assert told == (0.0, until + longer)
        assert look(shell, hosts)[0].lease_until == until + longer  # a shorter one changes nothing, a longer one renews
        assert ("the lease stays until" in time.said[0]) is (shorter < timedelta(0))

    sleep(shell, hosts, **Time().passed_in)
    (seen,) = look(shell, hosts)
    assert (seen.word, seen.lease_until) == ("asleep", None)
    assert "docker stop --time 300 llmops-vllm" in machine.calls


def test_a_machine_without_weights_or_key_is_told_at_once(here: tuple[HostsFile, Shell], machine: Any) -> None:
    hosts, shell = here
    (machine.at / "key").unlink()
    with pytest.raises(OutsideFailed, match=f"no key of the API in {machine.at}/key"):
        push(shell, hosts, setup(hosts), lambda _: None)
    (machine.at / "weights" / "config.json").unlink()
    with pytest.raises(OutsideFailed, match=f"no weights in {machine.at}/weights"):
        push(shell, hosts, setup(hosts), lambda _: None)


def test_waking_what_nothing_was_pushed_to_says_so(here: tuple[HostsFile, Shell], machine: Any) -> None:
    hosts, shell = here
    with pytest.raises(OutsideFailed, match="nothing was pushed to it"):
        wake(shell, hosts, replicas=1, until=UNTIL, now=NOW, **Time().passed_in)
    assert not any("start" in call or "systemd-run" in call for call in machine.calls)
