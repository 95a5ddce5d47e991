"""The capture: what a program registers, and what it refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.parity.capture import captured
from llmops.infra.parity.graph import Graph
from llmops.infra.parity.markers import marker

PROJECT = "small"

pytestmark = pytest.mark.usefixtures("graph_of")  # skipped where pulumi is not installed


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Graph]:
    """Captures a small program."""

    def ran(text: str, **config: Any) -> Graph:
        (tmp_path / "__main__.py").write_text(f"import pulumi\nimport pulumi_aws as aws\n{text}", encoding="utf-8")
        return captured(tmp_path, config, PROJECT)

    return ran


def test_resources_are_seen_with_their_references_and_order(run: Callable[..., Graph]) -> None:
    graph = run(
        "vpc = aws.ec2.Vpc('a', cidr_block=pulumi.Config().require('range'))\n"
        "aws.ec2.Subnet('b', vpc_id=vpc.id, opts=pulumi.ResourceOptions(ignore_changes=['tags']))\n"
        "pulumi.export('vpc', vpc.id)\n",
        range="10.0.0.0/16",
    )
    vpc, subnet = graph.resources()
    assert (vpc.address, dict(vpc.inputs)) == ("aws_vpc.a", {"cidrBlock": "10.0.0.0/16"})
    assert (subnet.address, subnet.inputs["vpcId"]) == ("aws_subnet.b", marker("aws_vpc.a.id"))
    assert (subnet.dependencies, subnet.ignore_changes) == ([vpc.urn], ["tags"])
    assert graph.outputs == {"vpc": marker("aws_vpc.a.id")}


def test_a_question_is_asked_once(run: Callable[..., Graph]) -> None:
    graph = run("pulumi.export('a', aws.get_region_output().name)\npulumi.export('b', aws.get_region_output().name)\n")
    assert [(call.name, call.kind) for call in graph.calls] == [("call_0", "aws_region")]
    assert graph.outputs["a"] == graph.outputs["b"] == marker("data.aws_region.call_0.name")


def test_secrets_come_unwrapped(run: Callable[..., Graph]) -> None:
    graph = run("aws.cloudwatch.LogGroup('a', name=pulumi.Output.secret('hidden'))\n")
    assert graph.resources()[0].inputs["name"] == "hidden"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("aws.ec2.Vpc('a')\naws.ec2.Vpc('a')\n", "two resources are urn:pulumi:"),
        ("aws.ec2.Vpc('a', cidr_blok='x')\n", "unexpected keyword argument 'cidr_blok'"),
        ("aws.sqs.Queue('a')\n", "has no type in the reduced schema"),
        ("aws.ec2.Vpc.get('a', 'vpc-1')\n", "reading what exists is not captured"),
        ("raise ValueError('no')\n", "ValueError: no"),
    ],
)
def test_a_program_that_an_engine_would_refuse_is_refused(
    run: Callable[..., Graph], program: str, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        run(program)


def test_two_fallbacks_in_one_stack_do_not_collide(run: Callable[..., Graph], inputs: dict[str, Any]) -> None:
    graph = run(
        "from llmops.infra.components.gpu_fallback import GpuFallback\n"
        "from llmops.infra.spec import spec_from\n"
        "given = pulumi.Config().require_object('fallback')\n"
        "for name in ('one', 'two'):\n"
        "    GpuFallback(spec_from({**given, 'name': name}))\n",
        fallback=inputs["minimal"],
    )
    urns = [node.urn for node in graph.nodes]
    assert len(urns) == len(set(urns)) == 2 * (56 + 1)


def test_the_inputs_of_the_stack_are_checked(inputs: dict[str, Any]) -> None:
    from llmops.infra.terraform_cli import MODULES

    program = MODULES.parents[1] / "stacks" / "gpu_fallback"
    with pytest.raises(BadInput, match="The mode must be cold, warm or hot"):
        captured(program, {"fallback": {**inputs["minimal"], "mode": "tepid"}}, "llmops-gpu-fallback")
