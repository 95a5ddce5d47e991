"""Applied to moto by the real provider: the second plan is clean, both sides are the same, and nothing is left."""

import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.awake import read_group
from llmops.infra.cloud import Cloud
from llmops.infra.parity.capture import captured
from llmops.infra.parity.state import state_differences
from llmops.infra.parity.translate import write_terraform
from llmops.infra.terraform_cli import MODULES, Terraform

MODULE = MODULES / "gpu-fallback"
PROGRAM = MODULES.parents[1] / "stacks" / "gpu_fallback"
PROVIDER = {"region": "us-east-1", "max_retries": 1}

pytestmark = pytest.mark.timeout(900)  # 60 s of an apply are waits of the provider for the load balancer


def changes(plan: dict[str, Any]) -> dict[str, list[str]]:
    """What a plan would change: address to attributes."""
    changed = {}
    for it in plan["resource_changes"]:
        if it["change"]["actions"] not in (["no-op"], ["read"]):
            before, after = it["change"]["before"] or {}, it["change"]["after"] or {}
            names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
            changed[it["address"].removeprefix("module.fallback.")] = names
    return changed


def what_is_there(aws: Any) -> dict[str, list[str]]:
    """What costs or blocks, by kind."""
    ec2 = aws.client("ec2")
    instances = [it for r in ec2.describe_instances()["Reservations"] for it in r["Instances"]]
    own = [{"Name": "tag:ManagedBy", "Values": ["llmops"]}]
    gateways = ec2.describe_nat_gateways(Filter=own)["NatGateways"]
    keys = [
        aws.client("kms").describe_key(KeyId=it["KeyId"])["KeyMetadata"] for it in aws.client("kms").list_keys()["Keys"]
    ]
    found = {
        "groups": aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"],
        "instances": [it for it in instances if it["State"]["Name"] != "terminated"],
        "templates": ec2.describe_launch_templates()["LaunchTemplates"],
        "vpcs": ec2.describe_vpcs(Filters=own)["Vpcs"],
        "gateways": [it for it in gateways if it["State"] != "deleted"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "endpoints": [it for it in ec2.describe_vpc_endpoints()["VpcEndpoints"] if it["State"].lower() != "deleted"],
        "balancers": aws.client("elbv2").describe_load_balancers()["LoadBalancers"],
        "targets": aws.client("elbv2").describe_target_groups()["TargetGroups"],
        "buckets": aws.client("s3").list_buckets()["Buckets"],
        "alarms": aws.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "topics": aws.client("sns").list_topics()["Topics"],
        "roles": aws.client("iam").list_roles()["Roles"],
        "logs": aws.client("logs").describe_log_groups()["logGroups"],
        "secrets": aws.client("secretsmanager").list_secrets()["SecretList"],
        "keys": [it for it in keys if it["KeyState"] == "Enabled" and it["Description"].startswith("LLM fallback")],
    }
    return {kind: [str(it) for it in all_of] for kind, all_of in found.items() if all_of}


def drilled(aws: Any, endpoint: str, out: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The result of `llmops infra drill`: on moto it proves the sequence, not the times."""
    from typer.testing import CliRunner

    from llmops.infra.cli import app

    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    words = ["drill", "--name", "fb", "--endpoint", endpoint, "--requests", "3", "--yes", "--region", "us-east-1"]
    done = CliRunner().invoke(app, [*words, "--format", "json", "--out", str(out)])
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return told


@pytest.mark.parametrize("mode", ["cold", "warm", "hot"])
def test_the_module_stands_stays_as_it_is_is_drilled_and_goes(  # noqa: PLR0917 - what it needs
    cloud: Callable[..., Any],
    apply_module: Callable[..., Terraform],
    model_server: str,
    inputs: dict[str, Any],
    mode: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with cloud() as aws:
        terraform = apply_module(aws, {**inputs["minimal"], "mode": mode}, MODULE)
        assert changes(terraform.plan()) == {}
        serving = what_is_there(aws).get("instances", [])
        resting = 1 if mode == "hot" else 0
        assert len(serving) == resting
        result = drilled(aws, model_server, tmp_path / "drill.json", monkeypatch)
        assert result["verdict"]["word"] == "PASS"
        assert result["system"]["weights_revision"] == inputs["minimal"]["weights_revision"]
        assert result["system"]["ami_id"] == inputs["minimal"]["ami_id"]
        assert result["system"]["launch_template_version"] == "1"
        group = read_group(Cloud("us-east-1", aws.url), "fb")
        assert (group.desired, group.registered, group.healthy) == (resting, resting, resting)
        assert changes(terraform.plan()) == {}
        terraform.run("destroy", "-auto-approve")
        assert what_is_there(aws) == {}


def test_both_sides_become_the_same_and_planted_differences_are_caught(
    cloud: Callable[..., Any],
    apply_module: Callable[..., Terraform],
    inputs: dict[str, Any],
    plugins: Path,
    tmp_path: Path,
) -> None:
    given = {**inputs["complete"], "mode": "warm"}
    module = Path(shutil.copytree(MODULE, tmp_path / "gpu-fallback"))
    with cloud() as one, cloud() as other, ThreadPoolExecutor(2) as pool:
        of_module = pool.submit(apply_module, one, given, module)
        graph = captured(PROGRAM, {"fallback": other.given(given)}, "llmops-gpu-fallback")
        write_terraform(graph, tmp_path / "program", PROVIDER)
        program = Terraform(tmp_path / "program", other.environment, plugins)
        program.init()
        program.run("apply", "-auto-approve")
        terraform = of_module.result()
        assert changes(terraform.plan()) == {}
        assert changes(program.plan()) == {}
        names = (one.names(), other.names())
        assert state_differences(terraform.show(), program.show(), names) == []

        plant(module, "iam.tf", '        Action   = "s3:GetObject"\n', '        Action   = "s3:*"\n')
        plant(module, "templates/user_data.sh.tftpl", "--model /weights", "--model /elsewhere")
        for side in (terraform, program):
            side.run("apply", "-auto-approve")
        caught = state_differences(terraform.show(), program.show(), names)
        assert {re.match(r"\S+ \w+", line)[0] for line in caught} == {  # type: ignore[index]
            "aws_iam_role_policy.node policy",
            "aws_launch_template.node user_data",
            "aws_launch_template.node default_version",  # a changed template is a new version, and the group takes it
            "aws_launch_template.node latest_version",
            "aws_autoscaling_group.this mixed_instances_policy",
        }

        for side in (terraform, program):
            side.run("destroy", "-auto-approve")
        assert (what_is_there(one), what_is_there(other)) == ({}, {})


def plant(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old)
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def test_without_the_patches_moto_forgets_just_what_they_mend(
    cloud: Callable[..., Any], apply_module: Callable[..., Terraform], inputs: dict[str, Any]
) -> None:
    with cloud("bounded") as aws:
        terraform = apply_module(aws, inputs["minimal"], MODULE)
        assert changes(terraform.plan()) == {
            "aws_autoscaling_group.this": ["capacity_reservation_specification", "mixed_instances_policy"],
            "aws_autoscaling_policy.queue": ["enabled", "predictive_scaling_configuration"],
            "aws_autoscaling_policy.wake": ["enabled", "predictive_scaling_configuration"],
            "aws_launch_template.node": ["default_version", "latest_version", "tag_specifications"],
            "aws_vpc_security_group_egress_rule.lb": ["description"],
            "aws_vpc_security_group_ingress_rule.node": ["description"],
        }
