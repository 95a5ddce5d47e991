"""What is deployed on machines of one's own, so that a drill can be of it."""

from hashlib import sha256

from llmops.infra.deployed import UNKNOWN_DIGEST
from llmops.infra.hosts.config import HostsFile
from llmops.infra.hosts.script import setup

SHOWN = 12  # digits of a hash


def deployed(hosts: HostsFile) -> dict[str, str]:
    """By name, as the system of a report: the same names as on AWS. The script stands for the template of a node."""
    return {
        "fallback": hosts.name,
        "mode": "machines",
        "model": hosts.model,
        "weights_revision": hosts.weights_revision,
        "image": hosts.image,
        "image_digest": hosts.image.partition("@")[2] or UNKNOWN_DIGEST,
        "ami_id": "none: existing machines",
        "launch_template_version": f"script {sha256(setup(hosts).encode()).hexdigest()[:SHOWN]}",
    }
