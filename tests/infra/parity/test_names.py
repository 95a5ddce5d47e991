"""Names of the SDK as names of the provider."""

import pytest

from llmops.errors import BadInput
from llmops.infra.parity.names import argument, camel, data_type, resource_type, snake
from llmops.infra.parity.schema import Level, bundled, level


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("aws:ec2/vpc:Vpc", "aws_vpc"),
        ("aws:s3/bucketV2:BucketV2", "aws_s3_bucket"),
        ("aws:s3/bucketVersioningV2:BucketVersioningV2", "aws_s3_bucket_versioning"),
        ("aws:lb/loadBalancer:LoadBalancer", "aws_lb"),
        ("aws:lb/targetGroup:TargetGroup", "aws_lb_target_group"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "aws_vpc_security_group_ingress_rule"),
        ("aws:iam/rolePolicy:RolePolicy", "aws_iam_role_policy"),
        ("aws:autoscaling/group:Group", "aws_autoscaling_group"),
    ],
)
def test_types(token: str, kind: str) -> None:
    assert resource_type(token) == kind


def test_a_function_is_a_data_source() -> None:
    assert data_type("aws:index/getCallerIdentity:getCallerIdentity") == "aws_caller_identity"


@pytest.mark.parametrize("token", ["random:index/randomId:RandomId", "kubernetes:apps/v1:Deployment", "aws:x/y:Z"])
def test_what_is_of_another_provider_or_unknown_raises(token: str) -> None:
    with pytest.raises(BadInput):
        resource_type(token)


def at(kind: str, *blocks: str) -> Level:
    found = level(kind)
    for name in blocks:
        assert found is not None
        found = found.block(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "blocks", "prop", "name"),
    [
        ("aws_autoscaling_group", (), "vpcZoneIdentifiers", "vpc_zone_identifier"),
        ("aws_autoscaling_group", (), "initialLifecycleHooks", "initial_lifecycle_hook"),
        ("aws_autoscaling_group", (), "tags", "tag"),
        ("aws_autoscaling_group", ("mixed_instances_policy", "launch_template"), "overrides", "override"),
        ("aws_cloudwatch_metric_alarm", (), "metricQueries", "metric_query"),
        ("aws_route53_record", (), "failoverRoutingPolicies", "failover_routing_policy"),
        ("aws_lb", (), "subnets", "subnets"),
        ("aws_vpc_security_group_ingress_rule", (), "cidrIpv4", "cidr_ipv4"),
    ],
)
def test_plurals_become_what_the_provider_calls_them(kind: str, blocks: tuple[str, ...], prop: str, name: str) -> None:
    assert argument(kind, "." if blocks else "", at(kind, *blocks), prop) == name


def test_names_that_no_rule_gives_are_in_a_table() -> None:
    assert argument("aws_cloudwatch_metric_alarm", "", at("aws_cloudwatch_metric_alarm"), "name") == "alarm_name"
    assert argument("aws_sns_topic_subscription", "", at("aws_sns_topic_subscription"), "topic") == "topic_arn"


def test_a_typing_error_is_named_with_its_path() -> None:
    with pytest.raises(BadInput, match=r"no argument for the property metadataOptions\.httpTokenz"):
        argument("aws_launch_template", "metadataOptions.", at("aws_launch_template", "metadata_options"), "httpTokenz")


@pytest.mark.parametrize(("one", "other"), [("cidrBlock", "cidr_block"), ("id", "id"), ("arnSuffix", "arn_suffix")])
def test_snake_and_camel_are_inverse(one: str, other: str) -> None:
    assert (snake(one), camel(other)) == (other, one)


def test_the_reduced_schema_has_the_types_of_the_module() -> None:
    import re

    from llmops.infra.terraform_cli import MODULES

    text = "".join(file.read_text(encoding="utf-8") for file in (MODULES / "gpu-fallback").glob("*.tf"))
    assert set(bundled()["resources"]) == set(re.findall(r'^resource "(\w+)"', text, re.MULTILINE))
    assert set(bundled()["data"]) == set(re.findall(r'^data "(\w+)"', text, re.MULTILINE))
