"""What the tests of existing machines share: a file of hosts, and a machine on 127.0.0.1 behind a real sshd."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

FILE: dict[str, Any] = {
    "name": "fb",
    "model": "meta-llama/Llama-3.3-70B-Instruct",
    "weights_revision": "6f6073b423013f6a7d4d9f39144961bfbfbc386b",
    "image": "vllm/vllm-openai:v0.11.0",
    "weights": "/srv/weights",
    "key_file": "/etc/llmops-key",
    "vllm_args": ["--max-num-seqs", "64"],
    "hosts": ["gpu1.internal", {"address": "10.0.0.7", "user": "ops", "port": 2222}],
}


@pytest.fixture
def hosts_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of hosts; keyword arguments change it, and None takes a key away."""

    def write(**changed: Any) -> Path:
        data = {name: value for name, value in {**FILE, **changed}.items() if value is not None}
        (tmp_path / "hosts.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
        return tmp_path / "hosts.yaml"

    return write


STAND_INS = {
    "sudo": 'shift; exec "$@"',
    "nvidia-smi": "printf 'GPU 0\\nGPU 1\\n'",
    "curl": 'test -e "$AT/serving"',
    "docker": """
printf 'docker' >> "$AT/calls"; for word in "$@"; do printf ' %s' "$word" >> "$AT/calls"; done
test -z "${VLLM_API_KEY:-}" || printf ' (with a key)' >> "$AT/calls"; echo >> "$AT/calls"
case "$1 $2" in
  "image inspect") exit 1;;
  "run --rm") touch "$AT/serving";;
  "stop --time") rm -f "$AT/serving";;
esac""",
    "systemd-run": 'echo "systemd-run $*" >> "$AT/calls"; touch "$AT/timer"',
    "systemctl": """
echo "systemctl $*" >> "$AT/calls"
case "$*" in
  "is-active llmops-vllm.service") test -e "$AT/active" && echo active || { echo inactive; exit 3; };;
  "is-active --quiet llmops-sleep.timer") test -e "$AT/timer";;
  "start --no-block llmops-vllm.service") touch "$AT/active"; "$AT/machine/llmops-node" serve;;
  "stop llmops-vllm.service") rm -f "$AT/active"; docker stop --time 300 llmops-vllm;;
  "stop llmops-sleep.timer") test -e "$AT/timer" || exit 5; rm "$AT/timer";;
esac""",
}


@dataclass(frozen=True)
class Machine:
    """A machine of ours: where it is reached, and where its stand-ins write down their calls."""

    at: Path
    port: int

    @property
    def calls(self) -> list[str]:
        log = self.at / "calls"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    @property
    def changes(self) -> dict[str, Any]:
        """What a file of hosts says of it."""
        keys = ("identity", "known_hosts", "config")
        return {
            "hosts": [{"address": "127.0.0.1", "port": self.port, "user": getpass.getuser()}],
            "folder": str(self.at / "machine"),
            "weights": str(self.at / "weights"),
            "key_file": str(self.at / "key"),
            "ssh": {key: str(self.at / key) for key in keys},
        }


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """An sshd on a free port of 127.0.0.1, with keys of its own; skipped, with the reason, where there is none."""
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    for name, found in (("sshd", sshd), ("ssh", shutil.which("ssh")), ("ssh-keygen", shutil.which("ssh-keygen"))):
        if found is None:
            pytest.skip(f"{name} is not installed: apt install openssh-server openssh-client")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    assert sshd is not None
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd of root wants it; its service makes it otherwise
    at = tmp_path / "m"
    _prepare(at)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (at / "sshd_config").write_text(_config(at, port), encoding="utf-8")
    host_key = (at / "host.pub").read_text(encoding="utf-8")
    (at / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}", encoding="utf-8")
    log = at / "sshd.log"
    with log.open("wb") as said:
        server = subprocess.Popen([sshd, "-D", "-e", "-f", str(at / "sshd_config")], stderr=said)
        try:
            _await_banner(server, port, log)
            yield Machine(at, port)
        finally:
            server.terminate()
            server.wait(10)


def _prepare(at: Path) -> None:
    for folder in (at, at / "bin", at / "weights"):
        folder.mkdir()
    for name in ("identity", "host"):
        subprocess.run(
            [str(shutil.which("ssh-keygen")), "-q", "-t", "ed25519", "-N", "", "-f", str(at / name)], check=True
        )
    (at / "authorized_keys").write_bytes((at / "identity.pub").read_bytes())
    (at / "config").write_text("", encoding="utf-8")
    (at / "weights" / "config.json").write_text("{}", encoding="utf-8")
    (at / "key").write_text("secret-key-of-the-api\n", encoding="utf-8")
    for name, text in STAND_INS.items():
        (at / "bin" / name).write_text(f"#!/bin/bash\nAT={at}\n{text.strip()}\n", encoding="utf-8")
        (at / "bin" / name).chmod(0o755)


def _config(at: Path, port: int) -> str:
    return f"""ListenAddress 127.0.0.1:{port}
HostKey {at}/host
AuthorizedKeysFile {at}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
SetEnv PATH={at}/bin:/usr/bin:/bin
"""


def _await_banner(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _ in range(100):
        if server.poll() is not None:
            pytest.skip(f"sshd does not start here: {log.read_text(encoding='utf-8').strip()[-200:]}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                if client.recv(4) == b"SSH-":
                    return
        except OSError:
            time.sleep(0.05)
    pytest.fail("sshd did not answer")
