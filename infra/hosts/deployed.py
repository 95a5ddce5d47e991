"""What is deployed on machines of one's own, so that a drill can be of it."""

from collections.abc import Sequence

from llmops.infra.deployed import UNKNOWN_DIGEST
from llmops.infra.hosts.awake import Seen
from llmops.infra.hosts.config import HostsFile
from llmops.infra.hosts.script import version


def deployed(hosts: HostsFile, seen: Sequence[Seen]) -> dict[str, str]:
    """By name, as the system of a report: the same names as on AWS. The script stands for the template of a node."""
    return {
        "fallback": hosts.name,
        "mode": "machines",
        "model": hosts.model,
        "weights_revision": hosts.weights_revision,
        "image": hosts.image,
        "image_digest": hosts.image.partition("@")[2] or UNKNOWN_DIGEST,
        "ami_id": "none: existing machines",
        "launch_template_version": _version(hosts, seen),
    }


def _version(hosts: HostsFile, seen: Sequence[Seen]) -> str:
    """What the machines themselves say: a file that was changed and not pushed is not what is deployed."""
    found, own = {it.version for it in seen}, version(hosts)
    if "" in found:
        return "unknown: not every machine answers"
    return f"script {own}" if found == {own} else "unknown: not every machine has what the file says"
