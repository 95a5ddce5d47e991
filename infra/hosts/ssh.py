"""One script on one machine, by OpenSSH's client: an argument list, a constant command, host keys always checked."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from llmops.errors import OutsideFailed
from llmops.infra.hosts.config import Host, Ssh

UNREACHABLE = 255  # what ssh itself ends with
CONNECT_TIMEOUT_S = 10
RUN_TIMEOUT_S = 3600  # pulling an image takes its time
# What ssh says, and what it means to whoever reads it.
HINTS = {
    "Host key verification failed": "compare its key with the machine's owner, then add it to known_hosts",
    "Permission denied": "the machine does not take this key or user: check user and ssh.identity",
    "Connection refused": "nothing listens there: check address and port",
    "Connection timed out": "check address, port and firewalls",
    "Could not resolve hostname": "check the address",
}
OPTIONS = (
    *("-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", f"ConnectTimeout={CONNECT_TIMEOUT_S}"),
    *("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"),
)


@dataclass(frozen=True)
class Shell:
    """How scripts are run on the machines."""

    ssh: Ssh
    sudo: bool = True

    def run(self, host: Host, script: str) -> str:
        """What it prints. OutsideFailed, with the last thing it said, where it cannot be reached or fails."""
        if shutil.which("ssh") is None:
            raise OutsideFailed("ssh is not on the PATH", hint="install OpenSSH's client")
        try:
            done = subprocess.run(
                self.words(host),
                check=False,
                input=whole(script),
                capture_output=True,
                text=True,
                timeout=RUN_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired as error:
            raise OutsideFailed(f"{host.name}: no end after {RUN_TIMEOUT_S} s", hint="look at the machine") from error
        if done.returncode != 0:
            raise _failed(host, done.returncode, done.stderr)
        return done.stdout

    def words(self, host: Host) -> list[str]:
        """The words of the client; the script itself goes to standard input."""
        given = [word for flag, value in self._files() if value is not None for word in (flag, str(value.expanduser()))]
        if self.ssh.identity is not None:
            given += ["-o", "IdentitiesOnly=yes"]
        if self.ssh.known_hosts is not None:
            given += ["-o", f"UserKnownHostsFile={self.ssh.known_hosts.expanduser()}"]
        port = [] if host.port is None else ["-p", str(host.port)]
        user = [] if host.user is None else ["-l", host.user]
        return ["ssh", *OPTIONS, *given, *port, *user, "--", host.address, *(["sudo", "-n"] * self.sudo), "bash", "-s"]

    def _files(self) -> list[tuple[str, Path | None]]:
        return [("-F", self.ssh.config), ("-i", self.ssh.identity)]


def whole(script: str) -> str:
    """As a function: nothing is run before all of it has come, and no command in it reads the rest as its own input."""
    return f"run() {{\n{script}\n}}\nrun < /dev/null\n"


def _failed(host: Host, code: int, said: str) -> OutsideFailed:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = lines[-1] if lines else f"it ended with {code} and without a word"
    hint = next((hint for words, hint in HINTS.items() if words in said), "")
    where = "cannot be reached" if code == UNREACHABLE else "failed"
    return OutsideFailed(f"{host.name} {where}: {last}", hint=hint)
