"""The endpoint: an internal load balancer that speaks TLS to clients and to the nodes; a failover record if wanted."""

from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws

from llmops.infra.components.making import Maker
from llmops.infra.components.network import Network
from llmops.infra.components.storage import Storage


@dataclass(frozen=True)
class Endpoint:
    """The load balancer, and where it sends requests."""

    balancer: aws.lb.LoadBalancer
    targets: aws.lb.TargetGroup


def endpoint(make: Maker, net: Network, kept: Storage) -> Endpoint:
    spec = make.spec
    balancer = make(
        aws.lb.LoadBalancer,
        "this",
        name=spec.name,
        load_balancer_type="network",
        internal=True,
        subnets=net.subnet_ids,
        security_groups=[net.lb_group.id],
        enable_cross_zone_load_balancing=True,  # all nodes may stand in the one zone that had capacity
        access_logs=aws.lb.LoadBalancerAccessLogsArgs(
            enabled=True, bucket=kept.bucket_policy.bucket, prefix="access-logs"
        ),
        tags=make.tags(spec.name),
    )
    targets = make(
        aws.lb.TargetGroup,
        "this",
        name=spec.name,
        port=spec.api_port,
        protocol="TLS",
        target_type="instance",
        vpc_id=net.vpc_id,
        deregistration_delay=300,  # answers in flight may end before an instance goes
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            protocol="HTTPS",
            path="/health",
            matcher="200",
            interval=10,
            timeout=6,
            healthy_threshold=2,
            unhealthy_threshold=2,
        ),
        tags=make.tags(spec.name),
    )
    make(
        aws.lb.Listener,
        "this",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="TLS",
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificate_arn=spec.certificate_arn,
        default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn)],
        tags=make.tags(),
    )
    if spec.makes_records:
        _records(make, balancer)
    return Endpoint(balancer, targets)


def _records(make: Maker, balancer: aws.lb.LoadBalancer) -> None:
    """A name that points to the primary while that is healthy, and to the fallback otherwise."""
    spec = make.spec
    check = make(
        aws.route53.HealthCheck,
        "primary-0",
        fqdn=spec.primary_endpoint,
        port=443,
        type="HTTPS",
        resource_path=spec.primary_health_path,
        failure_threshold=3,
        request_interval=10,
        tags=make.tags(f"{spec.name}-primary"),
    )
    record: dict[str, Any] = {"zone_id": spec.zone_id, "name": spec.record_name, "type": "CNAME", "ttl": 30}
    make(
        aws.route53.Record,
        "primary-0",
        **record,
        records=[spec.primary_endpoint],
        set_identifier="primary",
        health_check_id=check.id,
        failover_routing_policies=[aws.route53.RecordFailoverRoutingPolicyArgs(type="PRIMARY")],
    )
    make(
        aws.route53.Record,
        "fallback-0",
        **record,
        records=[balancer.dns_name],
        set_identifier="fallback",
        failover_routing_policies=[aws.route53.RecordFailoverRoutingPolicyArgs(type="SECONDARY")],
    )
