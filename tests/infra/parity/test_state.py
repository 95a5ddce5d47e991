"""State parity, on small states."""

import base64
from typing import Any

import pytest

from llmops.infra.parity.state import normalised, state_differences, without_empty


def state(*resources: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    told = [
        {"address": address, "mode": "managed", "type": address.partition(".")[0], "values": values}
        for address, values in resources
    ]
    return {"values": {"root_module": {"resources": told}}}


def vpc(name: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return ("aws_vpc.a", {"id": name, "arn": f"arn:aws:ec2:::vpc/{name}", **more})


def subnet(of: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return ("aws_subnet.s", {"id": "subnet-1", "vpc_id": of, **more})


def test_ids_are_where_they_stand() -> None:
    one = state(vpc("vpc-11111"), subnet("vpc-11111"))
    other = state(vpc("vpc-22222"), subnet("vpc-22222"))
    assert state_differences(one, other) == []


def test_an_id_of_something_else_is_a_difference() -> None:
    one = state(vpc("vpc-11111"), subnet("vpc-11111"))
    other = state(vpc("vpc-22222"), subnet("vpc-99999"))
    assert state_differences(one, other) == ['aws_subnet.s vpc_id: "<aws_vpc.a id>" / "vpc-99999"']


def test_ids_inside_policies_and_user_data_are_replaced_too() -> None:
    def of(name: str, action: str) -> dict[str, Any]:
        script = base64.b64encode(f"echo {name}".encode()).decode()
        policy = f'{{"Action": "{action}", "Resource": "arn:aws:ec2:::vpc/{name}"}}'
        return state(
            vpc(name), ("aws_iam_role_policy.p", {"policy": policy}), ("aws_launch_template.t", {"user_data": script})
        )

    assert state_differences(of("vpc-11111", "a"), of("vpc-22222", "a")) == []
    assert state_differences(of("vpc-11111", "a"), of("vpc-22222", "b")) == [
        'aws_iam_role_policy.p policy.Action: "a" / "b"'
    ]


def test_a_name_with_a_prefix_is_generated() -> None:
    def bucket(name: str) -> dict[str, Any]:
        return state(("aws_s3_bucket.b", {"id": name, "bucket": name, "bucket_prefix": "fb-"}))

    assert state_differences(bucket("fb-2026111"), bucket("fb-2026222")) == []
    assert normalised(bucket("fb-2026111"), {})["aws_s3_bucket.b"]["bucket"] == "<aws_s3_bucket.b id>"


def test_the_order_of_a_set_says_nothing_and_that_of_a_list_does() -> None:
    def group(*zones: str) -> dict[str, Any]:
        return state(("aws_autoscaling_group.g", {"id": "fb", "vpc_zone_identifier": list(zones)}))

    assert state_differences(group("a", "b"), group("b", "a")) == []

    def balancer(*types: str) -> dict[str, Any]:
        return state(("aws_ordered.x", {"id": "fb", "types": list(types)}))

    assert len(state_differences(balancer("a", "b"), balancer("b", "a"))) == 2


def test_unset_and_empty_are_the_same_and_false_and_zero_are_not() -> None:
    assert without_empty({"a": None, "b": "", "c": [], "d": {"e": None}, "f": False, "g": 0}) == {"f": False, "g": 0}


@pytest.mark.parametrize("name", ["etag", "create_date", "main_route_table_id"])
def test_what_the_cloud_makes_up_is_left_out(name: str) -> None:
    assert state_differences(state(vpc("vpc-11111", **{name: "x"})), state(vpc("vpc-11111", **{name: "y"}))) == []
    assert state_differences(state(vpc("vpc-11111", cidr="x")), state(vpc("vpc-11111", cidr="y"))) == [
        'aws_vpc.a cidr: "x" / "y"'
    ]


def test_a_zone_is_compared_where_it_is_an_input() -> None:
    def record(zone: str) -> dict[str, Any]:
        return state(("aws_route53_record.r", {"id": "r", "ttl": 30, "zone_id": zone}))

    assert len(state_differences(record("Z1"), record("Z2"))) == 1
    assert state_differences(record("Z1111"), record("Z2222"), ({"Z1111": "<zone>"}, {"Z2222": "<zone>"})) == []


def test_a_resource_of_one_side_only_is_said() -> None:
    assert state_differences(state(vpc("vpc-11111")), state()) == ["aws_vpc.a: only in the first"]
