"""OpenSSH's client against an sshd on 127.0.0.1: what runs, and what is refused."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import OutsideFailed
from llmops.infra.hosts.config import Host, HostsFile, Ssh, load_hosts
from llmops.infra.hosts.ssh import Shell


def test_host_keys_are_always_checked_and_nobody_is_asked() -> None:
    words = Shell(Ssh()).words(Host(address="gpu1"))
    assert {"StrictHostKeyChecking=yes", "BatchMode=yes"} <= set(words)
    assert words[words.index("--") :] == ["--", "gpu1", "sudo", "-n", "bash", "-s"]


def test_files_user_and_port_are_words_of_their_own() -> None:
    ssh = Ssh(identity=Path("~/key"), known_hosts=Path("known"), config=Path("conf"))
    words = Shell(ssh, sudo=False).words(Host(address="::1", user="ops", port=2222))
    home = os.path.expanduser("~")  # noqa: PTH111 - as the shell would
    for pair in (["-i", f"{home}/key"], ["-F", "conf"], ["-o", "IdentitiesOnly=yes"], ["-p", "2222"], ["-l", "ops"]):
        assert any(words[at : at + 2] == pair for at in range(len(words))), pair
    assert words[-4:] == ["--", "::1", "bash", "-s"]


@pytest.fixture
def here(machine: Any, hosts_file: Callable[..., Path]) -> tuple[HostsFile, Any]:
    return load_hosts(hosts_file(**machine.changes)), machine


def test_a_script_runs_and_its_output_comes_back(here: tuple[HostsFile, Any]) -> None:
    hosts, _ = here
    assert Shell(hosts.ssh).run(hosts.hosts[0], "echo one\ncat\necho two") == "one\ntwo\n"  # cat reads no script


def test_a_script_that_fails_says_its_last_word(here: tuple[HostsFile, Any]) -> None:
    hosts, machine = here
    with pytest.raises(OutsideFailed, match=rf"127.0.0.1:{machine.port} failed: no weights in x"):
        Shell(hosts.ssh).run(hosts.hosts[0], "echo first >&2; echo no weights in x >&2; exit 1")
    with pytest.raises(OutsideFailed, match="it ended with 7 and without a word"):
        Shell(hosts.ssh).run(hosts.hosts[0], "exit 7")


def test_a_host_with_another_key_gets_nothing(here: tuple[HostsFile, Any]) -> None:
    hosts, machine = here
    other = (machine.at / "identity.pub").read_text(encoding="utf-8")
    for known in ("", f"[127.0.0.1]:{machine.port} {other}"):  # never seen, and changed
        (machine.at / "known_hosts").write_text(known, encoding="utf-8")
        with pytest.raises(OutsideFailed, match="cannot be reached") as refused:
            Shell(hosts.ssh).run(hosts.hosts[0], f"touch {machine.at}/ran")
        assert refused.value.hint.startswith("compare its key with the machine's owner")
    assert not (machine.at / "ran").exists()


def test_a_key_that_is_not_taken_has_its_hint(here: tuple[HostsFile, Any]) -> None:
    hosts, machine = here
    (machine.at / "authorized_keys").write_text("", encoding="utf-8")
    with pytest.raises(OutsideFailed, match=r"cannot be reached: .*Permission denied") as refused:
        Shell(hosts.ssh).run(hosts.hosts[0], "true")
    assert "check user and ssh.identity" in refused.value.hint


@pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is not installed")
def test_nobody_there_has_its_hint(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("", encoding="utf-8")
    with pytest.raises(OutsideFailed, match=r"127\.0\.0\.1:9 cannot be reached") as refused:
        Shell(Ssh(config=tmp_path / "config")).run(Host(address="127.0.0.1", port=9), "true")
    assert refused.value.hint == "nothing listens there: check address and port"


def test_without_ssh_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OutsideFailed, match="ssh is not on the PATH"):
        Shell(Ssh()).run(Host(address="a"), "true")
