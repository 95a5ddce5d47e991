"""What is deployed on machines: named as on AWS, and as the machines say it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.hosts.awake import Seen
from llmops.infra.hosts.config import load_hosts
from llmops.infra.hosts.deployed import deployed
from llmops.infra.hosts.script import version


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        (("own", "own"), "script own"),
        (("own", "other"), "unknown: not every machine has what the file says"),
        (("none", "none"), "unknown: not every machine has what the file says"),
        (("own", ""), "unknown: not every machine answers"),
    ],
)
def test_the_names_are_those_of_aws(hosts_file: Callable[..., Path], versions: tuple[str, ...], told: str) -> None:
    hosts = load_hosts(hosts_file())
    own = version(hosts)
    seen = [
        Seen(host, "asleep", version=own if it == "own" else it) for host, it in zip(hosts.hosts, versions, strict=True)
    ]
    assert deployed(hosts, seen) == {
        "fallback": "fb",
        "mode": "machines",
        "model": "meta-llama/Llama-3.3-70B-Instruct",
        "weights_revision": "6f6073b423013f6a7d4d9f39144961bfbfbc386b",
        "image": "vllm/vllm-openai:v0.11.0",
        "image_digest": "unknown: pinned by tag",
        "ami_id": "none: existing machines",
        "launch_template_version": f"script {own}" if told == "script own" else told,
    }


def test_what_changes_the_script_changes_its_version(hosts_file: Callable[..., Path]) -> None:
    changes: list[dict[str, Any]] = [{}, {}, {"max_model_len": 4096}, {"vllm_args": []}, {"hosts": ["other"]}]
    versions = [version(load_hosts(hosts_file(**it))) for it in changes]
    assert versions[0] == versions[1] == versions[4]  # where it runs is not what runs
    assert len(set(versions)) == 3
