"""What is deployed on machines: named as on AWS, and another script is another template."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from llmops.infra.hosts.config import load_hosts
from llmops.infra.hosts.deployed import deployed


def test_the_names_are_those_of_aws(hosts_file: Callable[..., Path]) -> None:
    told = deployed(load_hosts(hosts_file()))
    assert list(told) == [
        *("fallback", "mode", "model", "weights_revision", "image", "image_digest", "ami_id"),
        "launch_template_version",
    ]
    assert (told["fallback"], told["mode"], told["image_digest"]) == ("fb", "machines", "unknown: pinned by tag")


def test_what_changes_the_script_changes_its_version(hosts_file: Callable[..., Path]) -> None:
    changes: list[dict[str, Any]] = [{}, {}, {"max_model_len": 4096}, {"vllm_args": []}, {"hosts": ["other"]}]
    versions = [deployed(load_hosts(hosts_file(**it)))["launch_template_version"] for it in changes]
    assert versions[0] == versions[1] == versions[4]  # where it runs is not what runs
    assert len(set(versions)) == 3
