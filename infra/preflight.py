"""What only AWS can tell before an existing VPC is used: that its subnets are private, and have a way out."""

from typing import Any

from llmops.errors import BadInput
from llmops.infra.cloud import Cloud, aws_errors
from llmops.infra.spec import FallbackSpec

EVERYWHERE = "0.0.0.0/0"


def check_network(cloud: Cloud, spec: FallbackSpec) -> None:
    """BadInput where the subnets are not of the VPC, are public, or lead nowhere. A VPC of its own needs no look."""
    if spec.makes_vpc:
        return
    with aws_errors():
        subnets = cloud.ec2.describe_subnets(Filters=[{"Name": "subnet-id", "Values": list(spec.subnet_ids)}])[
            "Subnets"
        ]
        tables = cloud.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [spec.vpc_id]}])["RouteTables"]
    known = {it["SubnetId"]: it for it in subnets}
    for subnet in spec.subnet_ids:
        if known.get(subnet, {}).get("VpcId") != spec.vpc_id:
            raise BadInput(f"{subnet} is no subnet of {spec.vpc_id}", hint="check subnet_ids and the region")
        _check_routes(subnet, _routes(subnet, tables))


def _routes(subnet: str, tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the table that the subnet has, or of the main one."""
    for table in tables:
        if any(it.get("SubnetId") == subnet for it in table["Associations"]):
            return list(table["Routes"])
    main = [table for table in tables if any(it.get("Main") for it in table["Associations"])]
    return list(main[0]["Routes"]) if main else []


def _check_routes(subnet: str, routes: list[dict[str, Any]]) -> None:
    default = next((it for it in routes if it.get("DestinationCidrBlock") == EVERYWHERE), None)
    if default is None:
        raise BadInput(
            f"{subnet} has no way out: its route table has no default route",
            hint="add a NAT gateway; with interface endpoints only, apply the module yourself",
        )
    if str(default.get("GatewayId", "")).startswith("igw-"):
        raise BadInput(
            f"{subnet} is public: its default route leads to an internet gateway", hint="give private subnets"
        )
