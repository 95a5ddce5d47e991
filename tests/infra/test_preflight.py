"""An existing VPC: private subnets with a way out, or not at all."""

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.cloud import Cloud
from llmops.infra.preflight import check_network
from llmops.infra.spec import FallbackSpec, spec_from


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for library in ("moto", "boto3"):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "dummy")
    with mock_aws():
        yield Cloud("us-east-1")


class Vpc:
    """A VPC with one subnet, and its route table."""

    def __init__(self, ec2: Any) -> None:
        self.ec2 = ec2
        self.id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = ec2.create_subnet(VpcId=self.id, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.table = ec2.create_route_table(VpcId=self.id)["RouteTable"]["RouteTableId"]
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.id)

    def spec(self, inputs: dict[str, Any], subnet: str | None = None) -> FallbackSpec:
        return spec_from({**inputs["existing_vpc"], "vpc_id": self.id, "subnet_ids": [subnet or self.subnet]})

    def use_table(self) -> None:
        self.ec2.associate_route_table(RouteTableId=self.table, SubnetId=self.subnet)

    def leave_by_nat(self) -> None:
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = self.ec2.create_nat_gateway(SubnetId=self.subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        self.ec2.create_route(RouteTableId=self.table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)


@pytest.fixture
def vpc(aws: Cloud) -> Vpc:
    return Vpc(aws.ec2)


def test_a_private_subnet_with_a_nat_gateway_is_taken(aws: Cloud, vpc: Vpc, inputs: dict[str, Any]) -> None:
    vpc.use_table()
    vpc.leave_by_nat()
    check_network(aws, vpc.spec(inputs))


def test_a_public_subnet_is_refused(aws: Cloud, vpc: Vpc, inputs: dict[str, Any]) -> None:
    vpc.use_table()
    aws.ec2.create_route(RouteTableId=vpc.table, DestinationCidrBlock="0.0.0.0/0", GatewayId=vpc.gateway)
    with pytest.raises(BadInput, match="is public"):
        check_network(aws, vpc.spec(inputs))


def test_a_subnet_without_a_way_out_is_refused(aws: Cloud, vpc: Vpc, inputs: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="has no way out"):
        check_network(aws, vpc.spec(inputs))  # the main table of the VPC, with its local route only
    vpc.use_table()
    with pytest.raises(BadInput, match="has no way out"):
        check_network(aws, vpc.spec(inputs))


def test_a_subnet_of_another_vpc_is_refused(aws: Cloud, vpc: Vpc, inputs: dict[str, Any]) -> None:
    other = Vpc(aws.ec2)
    for subnet in (other.subnet, "subnet-00000000000000000"):
        with pytest.raises(BadInput, match="is no subnet of"):
            check_network(aws, vpc.spec(inputs, subnet))


def test_a_vpc_of_its_own_is_not_looked_at(inputs: dict[str, Any]) -> None:
    check_network(Cloud("nowhere"), spec_from(inputs["minimal"]))
