"""A graph as Terraform JSON."""

from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.parity.graph import Call, Graph, Node
from llmops.infra.parity.markers import marker
from llmops.infra.parity.translate import as_terraform


def node(
    kind: str, name: str, inputs: dict[str, Any], *, after: tuple[str, ...] = (), ignored: tuple[str, ...] = ()
) -> Node:
    return Node(f"urn:{kind}.{name}", "token", name, kind, "", inputs, after, ignored)


def translated(*nodes: Node, calls: tuple[Call, ...] = ()) -> dict[str, Any]:
    return as_terraform(Graph(nodes, calls, {"x": marker("aws_vpc.a.id")}), {"region": "us-east-1"})


def test_properties_blocks_and_references() -> None:
    vpc = node(
        "aws_vpc", "a", {"cidrBlock": "10.0.0.0/16", "tags": {"Name": "x", "camelCase": "kept"}, "ipv4IpamPoolId": None}
    )
    template = node(
        "aws_launch_template",
        "t",
        {"metadataOptions": {"httpTokens": "required"}, "blockDeviceMappings": [{"deviceName": "/dev/xvda"}]},
        after=("urn:aws_vpc.a", "urn:component"),
    )
    told = translated(vpc, template)
    assert told["resource"] == {
        "aws_vpc": {"a": {"cidr_block": "10.0.0.0/16", "tags": {"Name": "x", "camelCase": "kept"}}},
        "aws_launch_template": {
            "t": {
                "metadata_options": [{"http_tokens": "required"}],
                "block_device_mappings": [{"device_name": "/dev/xvda"}],
                "depends_on": ["aws_vpc.a"],
            }
        },
    }
    assert told["output"] == {"x": {"value": "${aws_vpc.a.id}"}}


def test_what_is_ignored_is_written_in_terraforms_words() -> None:
    group = node("aws_autoscaling_group", "g", {"maxSize": 1}, ignored=("desiredCapacity",))
    told = translated(group)["resource"]["aws_autoscaling_group"]["g"]
    assert told == {"max_size": 1, "lifecycle": {"ignore_changes": ["desired_capacity"]}}


def test_a_question_is_a_data_source() -> None:
    assert translated(calls=(Call("call_0", "aws_region", {}),))["data"] == {"aws_region": {"call_0": {}}}


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(BadInput, match=r"two resources are aws_vpc\.a"):
        translated(node("aws_vpc", "a", {}), node("aws_vpc", "a", {}))


def test_a_wrong_property_is_refused() -> None:
    with pytest.raises(BadInput, match="aws_vpc has no argument for the property cidrBlok"):
        translated(node("aws_vpc", "a", {"cidrBlok": "10.0.0.0/16"}))


def test_a_component_is_no_resource() -> None:
    component = Node("urn:c", "llmops:infra:X", "c", None, "", {}, (), ())
    assert translated(component)["resource"] == {}
