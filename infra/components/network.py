"""The network of the fallback: one of its own with a way out, or an existing VPC."""

from dataclasses import dataclass
from ipaddress import ip_network
from itertools import islice
from typing import Any

import pulumi_aws as aws
from pulumi import Input, Output

from llmops.infra.components.making import Maker, policy, service_trust
from llmops.infra.components.services import NEEDED_ENDPOINTS

SUBNET_BITS = 4  # 16 subnets in a VPC: the first 8 for private ones, the others for public ones
FIRST_PUBLIC = 8


@dataclass(frozen=True)
class Network:
    """Where the nodes and the load balancer stand, and who may talk to whom."""

    vpc_id: Input[str]
    subnet_ids: list[Input[str]]
    lb_group: aws.ec2.SecurityGroup
    node_group: aws.ec2.SecurityGroup


def network(make: Maker, log_key: aws.kms.Key) -> Network:
    spec = make.spec
    if spec.vpc_id is not None:
        lb_group, node_group = _groups(make, spec.vpc_id)
        return Network(spec.vpc_id, list(spec.subnet_ids), lb_group, node_group)
    vpc = make(
        aws.ec2.Vpc,
        "this-0",
        cidr_block=spec.vpc_cidr,
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags=make.tags(spec.name),
    )
    # Without rules: whatever is put into the default group by mistake reaches nothing.
    make(aws.ec2.DefaultSecurityGroup, "this-0", vpc_id=vpc.id, tags=make.tags(f"{spec.name}-default"))
    subnets, tables = _private_subnets(make, vpc)
    make(
        aws.ec2.VpcEndpoint,
        "s3-0",
        vpc_id=vpc.id,
        service_name=Output.concat("com.amazonaws.", make.place.region, ".s3"),
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id for table in tables],
        tags=make.tags(f"{spec.name}-s3"),
    )
    _flow_log(make, vpc, log_key)
    lb_group, node_group = _groups(make, vpc.id)
    if spec.egress == "nat":
        _nat(make, vpc, tables)
    else:
        _endpoints(make, vpc, subnets, node_group)
    return Network(vpc.id, [subnet.id for subnet in subnets], lb_group, node_group)


def subnet_range(vpc_cidr: str, number: int) -> str:
    """The subnet of that number, as Terraform's cidrsubnet(range, 4, number)."""
    return str(next(islice(ip_network(vpc_cidr, strict=False).subnets(SUBNET_BITS), number, None)))


def _private_subnets(make: Maker, vpc: aws.ec2.Vpc) -> tuple[list[aws.ec2.Subnet], list[aws.ec2.RouteTable]]:
    """One table a zone: each leaves through the gateway of its own zone, so that no zone depends on another."""
    subnets, tables = [], []
    for index, zone in enumerate(make.spec.availability_zones):
        tags = make.tags(f"{make.spec.name}-private-{index}")
        subnet = make(
            aws.ec2.Subnet,
            f"private-{index}",
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=subnet_range(make.spec.vpc_cidr, index),
            tags=tags,
        )
        table = make(aws.ec2.RouteTable, f"private-{index}", vpc_id=vpc.id, tags=tags)
        make(aws.ec2.RouteTableAssociation, f"private-{index}", subnet_id=subnet.id, route_table_id=table.id)
        subnets.append(subnet)
        tables.append(table)
    return subnets, tables


def _nat(make: Maker, vpc: aws.ec2.Vpc, tables: list[aws.ec2.RouteTable]) -> None:
    name = make.spec.name
    gateway = make(aws.ec2.InternetGateway, "this-0", vpc_id=vpc.id, tags=make.tags(name))
    public = make(aws.ec2.RouteTable, "public-0", vpc_id=vpc.id, tags=make.tags(f"{name}-public"))
    make(
        aws.ec2.Route,
        "public-0",
        route_table_id=public.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=gateway.id,
    )
    for index, zone in enumerate(make.spec.availability_zones):
        subnet = make(
            aws.ec2.Subnet,
            f"public-{index}",
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=subnet_range(make.spec.vpc_cidr, FIRST_PUBLIC + index),
            map_public_ip_on_launch=False,
            tags=make.tags(f"{name}-public-{index}"),
        )
        make(aws.ec2.RouteTableAssociation, f"public-{index}", subnet_id=subnet.id, route_table_id=public.id)
        address = make(aws.ec2.Eip, f"nat-{index}", domain="vpc", tags=make.tags(f"{name}-nat-{index}"))
        nat = make(
            aws.ec2.NatGateway,
            f"this-{index}",
            allocation_id=address.id,
            subnet_id=subnet.id,
            tags=make.tags(f"{name}-{index}"),
            depends_on=[gateway],
        )
        make(
            aws.ec2.Route,
            f"private-{index}",
            route_table_id=tables[index].id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=nat.id,
        )


def _endpoints(make: Maker, vpc: aws.ec2.Vpc, subnets: list[aws.ec2.Subnet], node_group: aws.ec2.SecurityGroup) -> None:
    name = make.spec.name
    group = make(
        aws.ec2.SecurityGroup,
        "endpoints-0",
        name=f"{name}-endpoints",
        description=f"Endpoints of AWS services, for the nodes of {name}",
        vpc_id=vpc.id,
        tags=make.tags(f"{name}-endpoints"),
    )
    make(
        aws.vpc.SecurityGroupIngressRule,
        "endpoints-0",
        security_group_id=group.id,
        description="HTTPS from the nodes",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        referenced_security_group_id=node_group.id,
        tags=make.tags(),
    )
    for index, service in enumerate(NEEDED_ENDPOINTS):
        make(
            aws.ec2.VpcEndpoint,
            f"interface-{index}",
            vpc_id=vpc.id,
            service_name=Output.concat("com.amazonaws.", make.place.region, ".", service),
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=[subnet.id for subnet in subnets],
            security_group_ids=[group.id],
            tags=make.tags(f"{name}-{service}"),
        )


def _flow_log(make: Maker, vpc: aws.ec2.Vpc, log_key: aws.kms.Key) -> None:
    """What was refused tells of probes and of a forgotten rule; accepted traffic is the volume."""
    name = make.spec.name
    group = make(
        aws.cloudwatch.LogGroup,
        "flow-0",
        name=f"/llmops/{name}/flow",
        retention_in_days=make.spec.log_days,
        kms_key_id=log_key.arn,
        tags=make.tags(),
    )
    own_account = {"StringEquals": {"aws:SourceAccount": make.place.account}}
    role = make(
        aws.iam.Role,
        "flow-0",
        name=f"{name}-flow",
        description=f"Flow log of {name}",
        assume_role_policy=service_trust("vpc-flow-logs.amazonaws.com", own_account),
        tags=make.tags(),
    )
    write = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": Output.concat(group.arn, ":*"),
    }
    make(aws.iam.RolePolicy, "flow-0", name=f"{name}-flow", role=role.id, policy=policy([write]))
    make(
        aws.ec2.FlowLog,
        "this-0",
        vpc_id=vpc.id,
        traffic_type="REJECT",
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        tags=make.tags(name),
    )


def _groups(make: Maker, vpc_id: Input[str]) -> tuple[aws.ec2.SecurityGroup, aws.ec2.SecurityGroup]:
    spec = make.spec
    lb_group = make(
        aws.ec2.SecurityGroup,
        "lb",
        name=f"{spec.name}-lb",
        description=f"Endpoint of {spec.name}",
        vpc_id=vpc_id,
        tags=make.tags(f"{spec.name}-lb"),
    )
    node_group = make(
        aws.ec2.SecurityGroup,
        "node",
        name=f"{spec.name}-node",
        description=f"GPU nodes of {spec.name}",
        vpc_id=vpc_id,
        tags=make.tags(f"{spec.name}-node"),
    )
    for index, cidr in enumerate(spec.client_cidrs or (spec.vpc_cidr,)):
        make(
            aws.vpc.SecurityGroupIngressRule,
            f"lb-{index}",
            security_group_id=lb_group.id,
            description="TLS from clients",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=cidr,
            tags=make.tags(),
        )
    api: dict[str, Any] = {
        "ip_protocol": "tcp",
        "from_port": spec.api_port,
        "to_port": spec.api_port,
        "tags": make.tags(),
    }
    make(
        aws.vpc.SecurityGroupEgressRule,
        "lb",
        security_group_id=lb_group.id,
        description="To vLLM and its health check",
        referenced_security_group_id=node_group.id,
        **api,
    )
    make(
        aws.vpc.SecurityGroupIngressRule,
        "node",
        security_group_id=node_group.id,
        description="From the load balancer only",
        referenced_security_group_id=lb_group.id,
        **api,
    )
    make(
        aws.vpc.SecurityGroupEgressRule,
        "node",
        security_group_id=node_group.id,
        description="HTTPS to AWS services and the registry of the image",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_ipv4="0.0.0.0/0",
        tags=make.tags(),
    )
    return lb_group, node_group
