"""Plan parity: the comparer on small plans, and both sides of the fallback planned by the real provider."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.parity.graph import Graph
from llmops.infra.parity.plan import common_address, comparable, plan_differences, resources
from llmops.infra.terraform_cli import MODULES

MODULE = MODULES / "gpu-fallback"
pytestmark = pytest.mark.timeout(600)
Plan = dict[str, Any]


# --- the comparer, on plans of one resource


def plan(address: str = "aws_vpc.a", *, known: Any = None, unknown: Any = None, told: Any = None) -> Plan:
    return {
        "planned_values": {
            "root_module": {"resources": [{"address": address, "mode": "managed", "values": known or {}}]}
        },
        "resource_changes": [{"address": address, "change": {"after_unknown": unknown or {}}}],
        "configuration": {"root_module": {"resources": [{"address": address, "expressions": told or {}}]}},
    }


def with_others(one: Plan, *names: str) -> Plan:
    """The plan with more resources in it, so that a reference to them counts."""
    for name in names:
        one["planned_values"]["root_module"]["resources"].append({"address": name, "mode": "managed", "values": {}})
        one["configuration"]["root_module"].setdefault("resources", []).append({"address": name})
    return one


def refers(*names: str) -> dict[str, Any]:
    return {"vpc_id": {"references": list(names)}}


def test_equal_plans_do_not_differ() -> None:
    assert plan_differences(plan(known={"a": 1}), plan(known={"a": 1})) == []


@pytest.mark.parametrize(
    ("one", "other", "line"),
    [
        (plan(known={"a": 1}), plan(known={"a": 2}), "aws_vpc.a values a: 1 / 2"),
        (plan(known={"a": None}), plan(known={"a": 2}), "aws_vpc.a values a: null / 2"),
        (plan(known={"a": [{"b": 1}]}), plan(known={"a": [{"b": 2}]}), "aws_vpc.a values a[0].b: 1 / 2"),
        (plan(known={"a": '{"x": 1}'}), plan(known={"a": '{"x":2}'}), "aws_vpc.a values a.x: 1 / 2"),
        (plan(unknown={"a": True}), plan(), "aws_vpc.a unknown a: true / null"),
        (
            plan(told=refers("aws_vpc.a.id", "aws_vpc.a")),
            plan(told=refers("aws_vpc.b.id", "aws_vpc.b")),
            "aws_vpc.a references vpc_id: ['aws_vpc.a.id'] / ['aws_vpc.b.id']",
        ),
        (
            plan(told=refers("aws_vpc.a.id", "aws_vpc.a")),
            plan(told=refers("aws_vpc.a.arn", "aws_vpc.a")),
            "aws_vpc.a references vpc_id: ['aws_vpc.a.id'] / ['aws_vpc.a.arn']",
        ),
        (plan(told=refers("aws_vpc.a.id")), plan(), "aws_vpc.a references vpc_id: ['aws_vpc.a.id'] / []"),
    ],
)
def test_a_difference_is_one_line(one: Plan, other: Plan, line: str) -> None:
    for side in (one, other):
        with_others(side, "aws_vpc.b")
    assert plan_differences(one, other) == [line]


def test_a_resource_of_one_side_only_is_said() -> None:
    assert plan_differences(plan("aws_vpc.a"), plan("aws_vpc.b")) == [
        "aws_vpc.a: only in the first",
        "aws_vpc.b: only in the second",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (plan(known={"a": '{"x": 1, "y": 2}'}), plan(known={"a": '{"y":2,"x":1}'})),
        (plan(known={"rule": [{"a": 1}, {"a": 2}]}), plan(known={"rule": [{"a": 2}, {"a": 1}]})),
        (plan(unknown={"a": False, "b": []}), plan()),
        (plan(told=refers("aws_vpc.a")), plan(told=refers("aws_vpc.a_0.id", "aws_vpc.a_1.id"))),  # a splat
        (plan(told=refers("aws_vpc.a[0].id", "var.x")), plan(told=refers("aws_vpc.a_0.id"))),
        (plan("module.fallback.aws_vpc.a_b[1]"), plan("aws_vpc.a_b_1")),
    ],
)
def test_what_means_the_same_does_not_differ(one: Plan, other: Plan) -> None:
    for side in (one, other):
        side["configuration"]["root_module"] = with_modules(side["configuration"]["root_module"])
    assert plan_differences(one, other) == []


def with_modules(root: dict[str, Any]) -> dict[str, Any]:
    """Configuration nests modules; the address of a plan names them."""
    told = root["resources"][0]
    match = re.fullmatch(r"module\.(\w+)\.(.*)\[\d+\]", told["address"])
    if match is None:
        return root
    return {"module_calls": {match[1]: {"module": {"resources": [{**told, "address": match[2]}]}}}}


def test_a_reference_to_what_is_not_made_is_none() -> None:
    assert plan_differences(plan(told=refers("aws_vpc.nowhere.id")), plan()) == []


def test_the_order_of_instance_types_means_something() -> None:
    assert comparable({"override": [{"a": 2}, {"a": 1}]}) == {"override": [{"a": 2}, {"a": 1}]}


def test_addresses_of_both_sides_meet() -> None:
    assert common_address("module.fallback.aws_subnet.private[0]") == "aws_subnet.private-0"
    assert common_address("aws_subnet.private_0") == "aws_subnet.private-0"
    assert common_address('aws_vpc_endpoint.interface["ecr.api"]') == "aws_vpc_endpoint.interface-ecr.api"


# --- both sides


@pytest.mark.parametrize("mode", ["cold", "warm", "hot"])
@pytest.mark.parametrize(("name", "count"), [("minimal", 56), ("complete", 63)])
def test_both_sides_plan_the_same(
    both_plans: Callable[..., tuple[Plan, Plan]], inputs: dict[str, Any], name: str, count: int, mode: str
) -> None:
    module, program = both_plans(inputs[name], mode)
    assert plan_differences(module, program) == []
    awake_alarm = 0 if mode == "hot" else 1
    assert len(resources(module)) == len(resources(program)) == count - 1 + awake_alarm


def test_both_sides_plan_the_same_in_an_existing_vpc(
    both_plans: Callable[..., tuple[Plan, Plan]], inputs: dict[str, Any]
) -> None:
    module, program = both_plans(inputs["existing_vpc"])
    assert plan_differences(module, program) == []
    assert len(resources(module)) == 56 - 26  # without the 26 of the network


def replace(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old, text.count(old))
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def test_planted_differences_are_caught(
    plan_module: Callable[..., Plan],
    plan_program: Callable[[Graph], Plan],
    graph_of: Callable[..., Graph],
    inputs: dict[str, Any],
) -> None:
    def plant(module: Path) -> None:
        replace(module, "compute.tf", 'http_tokens   = "required"', 'http_tokens   = "optional"')
        of_clients = "referenced_security_group_id = aws_security_group.lb.id"
        replace(module, "main.tf", of_clients, of_clients.replace(".lb.", ".node."))
        of_wake = "  threshold           = 1\n  evaluation_periods  = 1\n"
        replace(
            module, "observability.tf", of_wake, of_wake.replace("threshold           = 1", "threshold           = 3")
        )

    module = plan_module(inputs["minimal"], plant)
    program = plan_program(graph_of(inputs["minimal"]))
    assert plan_differences(module, program) == [
        "aws_cloudwatch_metric_alarm.wake values threshold: 3 / 1",
        'aws_launch_template.node values metadata_options[0].http_tokens: "optional" / "required"',
        (
            "aws_vpc_security_group_ingress_rule.node references referenced_security_group_id: "
            "['aws_security_group.node.id'] / ['aws_security_group.lb.id']"
        ),
    ]


def test_what_hangs_on_unknown_values_is_left_to_state_parity(
    plan_module: Callable[..., Plan],
    plan_program: Callable[[Graph], Plan],
    graph_of: Callable[..., Graph],
    inputs: dict[str, Any],
) -> None:
    def plant(module: Path) -> None:
        replace(module, "iam.tf", '        Action   = "s3:GetObject"\n', '        Action   = "s3:*"\n')
        replace(module, "templates/user_data.sh.tftpl", "--model /weights", "--model /elsewhere")

    assert plan_differences(plan_module(inputs["minimal"], plant), plan_program(graph_of(inputs["minimal"]))) == []


# --- what the comparer cannot see, seen otherwise


def test_no_local_and_no_dynamic_block_hides_a_reference() -> None:
    for file in sorted(MODULE.glob("*.tf")):
        text = file.read_text(encoding="utf-8")
        hiding = re.findall(r"^locals \{\n.*?^\}", text, re.MULTILINE | re.DOTALL)
        hiding += re.findall(r'^  dynamic "\w+" \{\n.*?^  \}', text, re.MULTILINE | re.DOTALL)
        assert [block for block in hiding if re.search(r"\baws_\w+\.\w+", block.replace("data.aws_", "data_"))] == []


def test_what_is_ignored_is_the_same(graph_of: Callable[..., Graph], inputs: dict[str, Any]) -> None:
    program = {node.address: node.ignore_changes for node in graph_of(inputs["minimal"]).nodes if node.ignore_changes}
    assert program == {"aws_autoscaling_group.this": ["desiredCapacity"]}
    module = [
        re.findall(r"ignore_changes += (\[.*?\])", file.read_text(encoding="utf-8")) for file in MODULE.glob("*.tf")
    ]
    assert [told for found in module for told in found] == ["[desired_capacity]"]
