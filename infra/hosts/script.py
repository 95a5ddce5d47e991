"""What is run on a machine: plain scripts, given to bash on its standard input, never as words of a command line.

The edge, the unit and the arguments of vLLM are cut out of the user data of the nodes on EC2: there is one of each.
"""

import re
from hashlib import sha256
from pathlib import Path

from llmops.infra.hosts.config import HostsFile
from llmops.infra.user_data import TEMPLATE, fill_in, values_of

MACHINE = Path(__file__).parent / "machine.sh.tftpl"
VLLM_COMMAND = re.compile(r'^    "\$IMAGE" --model .*?"\$\$\{ARGS\[@\]\}"$', re.MULTILINE | re.DOTALL)
NODE = "/usr/local/bin/llmops-node"
UNIT = "llmops-vllm.service"
LEASE = "llmops-sleep"  # the timer that ends being awake


SHOWN = 12  # digits of a hash


def setup(hosts: HostsFile) -> str:
    """Writes the files of the machine, links its unit, and pulls the image. It starts nothing."""
    return _setup(hosts, version(hosts))


def version(hosts: HostsFile) -> str:
    """Of what is pushed: another script is another version."""
    return sha256(_setup(hosts, "").encode()).hexdigest()[:SHOWN]


def _setup(hosts: HostsFile, named: str) -> str:
    template = TEMPLATE.read_text(encoding="utf-8")
    values = {
        **values_of(hosts.spec),
        "folder": hosts.folder,
        "weights": hosts.weights,
        "key_file": hosts.key_file,
        "version": named,
        "edge": heredoc(template, "/var/lib/llmops/edge/llmops_edge.py"),
        "unit": _unit(template, hosts),
        "vllm_command": fill_in(vllm_command(template), {}),
    }
    return fill_in(MACHINE.read_text(encoding="utf-8"), values)


def _unit(template: str, hosts: HostsFile) -> str:
    unit = fill_in(heredoc(template, f"/etc/systemd/system/{UNIT}"), {"start_timeout_s": str(hosts.spec.timeout_s)})
    return unit.replace(NODE, f"{hosts.folder}/llmops-node")


def heredoc(template: str, path: str) -> str:
    """The file that the user data write at a path."""
    found = re.search(rf"^cat > {re.escape(path)} <<'END'\n(.*?)^END$", template, re.MULTILINE | re.DOTALL)
    if found is None:
        raise KeyError(path)
    return found[1]


def vllm_command(template: str) -> str:
    found = VLLM_COMMAND.search(template)
    if found is None:
        raise KeyError("the command of vLLM")
    return found[0]


def start(hosts: HostsFile, lease_s: int, until_epoch_s: int) -> str:
    """The lease first: whatever happens to whoever wakes, the machine puts vLLM to sleep by itself.

    A lease that runs longer stays.
    """
    return f"""set -eu
test -x {hosts.folder}/llmops-node || {{ echo "nothing was pushed to it" >&2; exit 1; }}
UNTIL=0; systemctl is-active --quiet {LEASE}.timer && UNTIL=$(cat {hosts.folder}/lease)
if test "$UNTIL" -lt {until_epoch_s}; then
  systemctl stop {LEASE}.timer 2> /dev/null || true # there is none before the first lease
  systemd-run --quiet --collect --unit={LEASE} --on-active={lease_s}s systemctl stop {UNIT}
  echo {until_epoch_s} > {hosts.folder}/lease
fi
systemctl start --no-block {UNIT}
"""


def stop() -> str:
    """The unit's own stop: vLLM ends what is in flight, for up to 300 s."""
    return f"""set -eu
systemctl stop {UNIT}
systemctl stop {LEASE}.timer 2> /dev/null || true # there is none where nobody woke it
"""


def look(hosts: HostsFile) -> str:
    """Prints four words: the state of the unit, its health, the end of its lease or 0, and the version pushed to it."""
    return f"""set -u
STATE=$(systemctl is-active {UNIT}) || true # it says the state, and fails for all but one
HEALTH=unhealthy; {hosts.folder}/llmops-node healthy && HEALTH=healthy
UNTIL=0; systemctl is-active --quiet {LEASE}.timer && UNTIL=$(cat {hosts.folder}/lease)
VERSION=$(cat {hosts.folder}/version 2> /dev/null) || VERSION=none
echo "$STATE $HEALTH $UNTIL $VERSION"
"""


def remove(hosts: HostsFile) -> str:
    """Everything that `setup` made; weights and key are not ours."""
    made = " ".join(
        f"{hosts.folder}/{name}"
        for name in ("node.env", "llmops-node", "lease", "version", UNIT, "edge", "tls", "compile-cache")
    )
    return f"""{stop()}systemctl disable {UNIT}
rm -rf {made}
systemctl daemon-reload
"""
