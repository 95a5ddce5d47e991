"""What a drill is of."""

from types import SimpleNamespace
from typing import Any

import pytest

from llmops.infra.awake import Group
from llmops.infra.deployed import deployed

DIGEST = "sha256:" + "0" * 64
pytest.importorskip("botocore", reason="boto3 is not installed: pip install 'llmops-toolkit[aws]'")


def told(tags: dict[str, str], *versions: dict[str, Any]) -> dict[str, str]:
    group = Group("fb", 0, 1, 0, 600, tags, (), 0, 0, None)
    ec2 = SimpleNamespace(describe_launch_template_versions=lambda **_: {"LaunchTemplateVersions": list(versions)})
    return deployed(SimpleNamespace(ec2=ec2), group)  # type: ignore[arg-type]


def test_a_digest_is_named_where_the_image_is_pinned_by_it() -> None:
    assert told({"llmops:image": f"vllm/vllm-openai@{DIGEST}"})["image_digest"] == DIGEST
    assert told({"llmops:image": "vllm/vllm-openai:v0.11.0"})["image_digest"] == "unknown: pinned by tag"


def test_the_newest_template_is_named() -> None:
    version = {"VersionNumber": 7, "LaunchTemplateData": {"ImageId": "ami-1"}}
    found = told({}, version)
    assert (found["ami_id"], found["launch_template_version"]) == ("ami-1", "7")


def test_what_nobody_knows_is_unknown() -> None:
    found = told({})
    assert {name for name, value in found.items() if value == "unknown"} == {
        "mode",
        "model",
        "weights_revision",
        "image",
        "ami_id",
        "launch_template_version",
    }
