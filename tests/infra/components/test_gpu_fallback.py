"""The component under Pulumi's own mocks: names, tags, outputs."""

import importlib.util
import subprocess
import sys
import textwrap
from typing import Any

import pytest

PROGRAM = """
import json, sys
import pulumi

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        made.append((args.typ, args.name, args.inputs))
        told = {"arn": f"arn:{args.name}", "dnsName": "lb.example", "latestVersion": 7, "arnSuffix": "x"}
        return f"{args.name}-id", {**told, **args.inputs}

    def call(self, args):
        return {"accountId": "123456789012", "partition": "aws", "name": "eu-west-1", "id": "eu-west-1"}

made = []
pulumi.runtime.set_mocks(Mocks(), project="p", stack="s")

from llmops.infra.components.gpu_fallback import GpuFallback
from llmops.infra.spec import spec_from

@pulumi.runtime.test
def run():
    fallback = GpuFallback(spec_from(json.load(sys.stdin)))
    return pulumi.Output.all(**fallback.outputs).apply(outputs.update)

outputs = {}
run()
json.dump({"made": made, "outputs": outputs}, sys.stdout)
"""


@pytest.fixture(scope="module")
def told(inputs: dict[str, Any]) -> dict[str, Any]:
    import json

    for library in ("pulumi", "pulumi_aws"):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    given = {**inputs["minimal"], "mode": "hot", "tags": {"Team": "x", "Stack": "mine"}}
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(PROGRAM)]
    done = subprocess.run(command, input=json.dumps(given), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_every_name_begins_with_that_of_the_component(told: dict[str, Any]) -> None:
    names = [name for _, name, _ in told["made"]]
    assert names[0] == "fb"  # the component itself
    assert [name for name in names[1:] if not name.startswith("fb-")] == []
    assert len(names) == 1 + 55  # the 56 of a cold one without the alarm on hours awake


def test_tags_of_the_user_do_not_replace_ours(told: dict[str, Any]) -> None:
    tagged = [inputs["tags"] for kind, _, inputs in told["made"] if isinstance(inputs.get("tags"), dict)]
    assert len(tagged) > 20
    assert {(tags["Stack"], tags["ManagedBy"], tags["Team"]) for tags in tagged} == {("fb", "llmops", "x")}


def test_its_outputs_are_those_of_the_module(told: dict[str, Any], module_outputs: dict[str, Any]) -> None:
    assert set(told["outputs"]) == set(module_outputs)
    assert told["outputs"]["endpoint"] == "https://lb.example/v1"
    assert told["outputs"]["start_timeout_s"] == 2250  # 1,800 s and a quarter
    revision = "6f6073b423013f6a7d4d9f39144961bfbfbc386b"
    expected = f"s3://fb-weights-id/weights/meta-llama/Llama-3.3-70B-Instruct/{revision}/"
    assert told["outputs"]["weights_uri"] == expected


def test_the_region_is_asked_and_not_assumed(told: dict[str, Any]) -> None:
    services = [inputs["serviceName"] for kind, _, inputs in told["made"] if kind == "aws:ec2/vpcEndpoint:VpcEndpoint"]
    assert services == ["com.amazonaws.eu-west-1.s3"]
