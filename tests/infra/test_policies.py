"""What no planner sees: the known ways in which such a fallback fails, as policies over the captured graph.

Each policy returns its complaints. It is silent on every variant of the fallback, and speaks of a graph made wrong.
"""

import base64
import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from llmops.infra.components.services import NEEDED_ENDPOINTS
from llmops.infra.gateway import REQUEST_TIMEOUT_S
from llmops.infra.parity.graph import Graph
from llmops.infra.parity.markers import references

Resources = dict[str, dict[str, Any]]
Policy = Callable[[Resources], list[str]]


def of_kind(resources: Resources, kind: str) -> dict[str, dict[str, Any]]:
    return {address: it for address, it in resources.items() if address.startswith(f"{kind}.")}


def target(value: Any) -> str:
    """The address that a marker refers to."""
    told = references(str(value))
    return told[0].rpartition(".")[0] if told else ""


def statements(policy: str) -> list[dict[str, Any]]:
    import json

    return list(json.loads(policy)["Statement"])


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def alarms_reach_their_topic(resources: Resources) -> list[str]:
    """An encrypted topic swallows alarms, unless its key lets CloudWatch use it; the default key of SNS does not."""
    wrong = []
    for address, alarm in of_kind(resources, "aws_cloudwatch_metric_alarm").items():
        for action in alarm["alarmActions"]:
            topic = resources.get(target(action), {})
            if target(action).startswith("aws_sns_topic.") and not _lets_cloudwatch(resources, topic):
                wrong.append(f"{address} cannot write to {target(action)}")
    return wrong


def _lets_cloudwatch(resources: Resources, topic: dict[str, Any]) -> bool:
    key = resources.get(target(topic.get("kmsMasterKeyId", "")))
    return key is not None and any(
        it["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        and {"kms:Decrypt", "kms:GenerateDataKey*"} <= set(listed(it["Action"]))
        for it in statements(key["policy"])
    )


def launches_are_held(resources: Resources) -> list[str]:
    """Without a hook a warm pool stops an instance in the middle of its first boot; a short one ends a slow start."""
    wrong = []
    for address, group in of_kind(resources, "aws_autoscaling_group").items():
        hooks = [it for it in group.get("initialLifecycleHooks", []) if "LAUNCHING" in it["lifecycleTransition"]]
        if not any(it["defaultResult"] == "ABANDON" for it in hooks):
            wrong.append(f"{address} launches without a hook that fails when nobody answers")
        waits = [it["heartbeatTimeout"] for it in hooks] + [group["healthCheckGracePeriod"]]
        if min(waits) < expected_start_s(resources):
            wrong.append(f"{address} judges an instance after {min(waits)} s")
    for address, template in of_kind(resources, "aws_launch_template").items():
        if "complete-lifecycle-action" not in script_of(template):
            wrong.append(f"{address} never ends its launch")
    return wrong


def expected_start_s(resources: Resources) -> int:
    """The longest start that the inputs name: 1800 s by default, 2400 in the complete ones."""
    return 2400 if "aws_route53_record.fallback_0" in resources else 1800


def script_of(template: dict[str, Any]) -> str:
    return base64.b64decode(template["userData"]).decode()


def nothing_takes_capacity_away(resources: Resources) -> list[str]:
    """ExactCapacity can pull three busy instances to one; target tracking can sleep while the queue is empty."""
    wrong = []
    waking = set()
    for address, policy in of_kind(resources, "aws_autoscaling_policy").items():
        if policy["policyType"] == "TargetTrackingScaling":
            if not policy["targetTrackingConfiguration"].get("disableScaleIn"):
                wrong.append(f"{address} scales in")
        elif policy["adjustmentType"] != "ChangeInCapacity":
            wrong.append(f"{address} sets the capacity")
        elif any(step["scalingAdjustment"] <= 0 for step in policy["stepAdjustments"]):
            wrong.append(f"{address} takes capacity away")
        else:
            waking.add(address)
    for address, alarm in of_kind(resources, "aws_cloudwatch_metric_alarm").items():
        formulas = [it["expression"] for it in alarm.get("metricQueries", []) if it.get("expression")]
        if waking & {target(it) for it in alarm["alarmActions"]} and not any(
            "desired" in it and "== 0" in it for it in formulas
        ):
            wrong.append(f"{address} wakes what is awake, again and again")
    return wrong


def nodes_get_out(resources: Resources) -> list[str]:
    """A node without a way out can neither read its secret nor pull its image."""
    wrong = []
    routes = of_kind(resources, "aws_route").values()
    defaults = {target(it["routeTableId"]): it for it in routes if it["destinationCidrBlock"] == "0.0.0.0/0"}
    tables = {
        target(it["subnetId"]): target(it["routeTableId"])
        for it in of_kind(resources, "aws_route_table_association").values()
    }
    reached = {
        str(it["serviceName"]).rpartition(":tf>>.")[2]: {target(subnet) for subnet in it.get("subnetIds", [])}
        for it in of_kind(resources, "aws_vpc_endpoint").values()
    }
    for address in of_kind(resources, "aws_subnet"):
        if not address.startswith("aws_subnet.private"):
            continue
        way = defaults.get(tables.get(address, ""), {})
        missing = [service for service in NEEDED_ENDPOINTS if address not in reached.get(service, set())]
        if not way.get("natGatewayId") and missing:
            wrong.append(f"{address} has no way to {missing[0]}")
        elif way and zone_of(resources, way) != resources[address]["availabilityZone"]:
            wrong.append(f"{address} leaves through another zone")
    egress = of_kind(resources, "aws_vpc_security_group_egress_rule")
    if not any(
        target(it["securityGroupId"]) == "aws_security_group.node" and it["fromPort"] == 443 for it in egress.values()
    ):
        wrong.append("aws_security_group.node lets nothing out")
    return wrong


def zone_of(resources: Resources, route: dict[str, Any]) -> str:
    gateway = resources.get(target(route.get("natGatewayId", "")), {})
    return str(resources.get(target(gateway.get("subnetId", "")), {}).get("availabilityZone"))


def the_key_never_travels_in_clear(resources: Resources) -> list[str]:
    wrong = [
        a
        for a, it in of_kind(resources, "aws_lb_listener").items()
        if it["protocol"] != "TLS" or not it["certificateArn"]
    ]
    wrong += [a for a, it in of_kind(resources, "aws_lb_target_group").items() if it["protocol"] != "TLS"]
    wrong += [
        a for a, it in of_kind(resources, "aws_lb_target_group").items() if it["healthCheck"]["protocol"] != "HTTPS"
    ]
    return [f"{address} speaks in clear" for address in wrong]


def nothing_is_public(resources: Resources) -> list[str]:
    wrong = [f"{a} faces the internet" for a, it in of_kind(resources, "aws_lb").items() if not it["internal"]]
    wrong += [
        f"{a} lets anybody in"
        for a, it in of_kind(resources, "aws_vpc_security_group_ingress_rule").items()
        if it.get("cidrIpv4") == "0.0.0.0/0"
    ]
    wrong += [
        f"{a} gives public addresses"
        for a, it in of_kind(resources, "aws_subnet").items()
        if it.get("mapPublicIpOnLaunch")
    ]
    return wrong


def nodes_keep_their_credentials(resources: Resources) -> list[str]:
    wrong = []
    for address, it in of_kind(resources, "aws_launch_template").items():
        options = it["metadataOptions"]
        if (options["httpTokens"], options["httpPutResponseHopLimit"]) != ("required", 1):
            wrong.append(f"{address} hands its credentials to the container")
        if any(disk["ebs"]["encrypted"] != "true" for disk in it["blockDeviceMappings"]):
            wrong.append(f"{address} has a disk in clear")
    return wrong


ON_EVERYTHING = {"cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"}  # they know no resource


def nodes_may_do_little(resources: Resources) -> list[str]:
    wrong = []
    for address, it in of_kind(resources, "aws_iam_role_policy").items():
        for statement in statements(it["policy"]):
            actions = set(listed(statement["Action"]))
            if any("*" in action for action in actions):
                wrong.append(f"{address} allows {sorted(actions)}")
            of_session = {action for action in actions if action.startswith(("ssmmessages:", "ssm:UpdateInstance"))}
            if "*" in listed(statement["Resource"]) and actions - ON_EVERYTHING - of_session:
                wrong.append(f"{address} allows {sorted(actions)} on everything")
    return wrong


def no_spot_in_a_warm_pool(resources: Resources) -> list[str]:
    return [
        f"{address} may keep spot in its pool"
        for address, it in of_kind(resources, "aws_autoscaling_group").items()
        if it.get("warmPool")
        and it["mixedInstancesPolicy"]["instancesDistribution"]["onDemandBaseCapacity"] < it["maxSize"]
    ]


def failing_back_drains(resources: Resources) -> list[str]:
    """What is in flight when it goes to sleep must be able to end: the longest request that the gateway waits for."""
    wrong = []
    for address, it in of_kind(resources, "aws_lb_target_group").items():
        if (it.get("deregistrationDelay") or 0) < REQUEST_TIMEOUT_S:
            wrong.append(f"{address} drains for {it.get('deregistrationDelay')} s")
        if it.get("connectionTermination"):
            wrong.append(f"{address} cuts what is in flight")
    for address, template in of_kind(resources, "aws_launch_template").items():
        stops = [int(told) for told in re.findall(r"docker stop --time (\d+)", script_of(template))]
        if min(stops, default=0) < REQUEST_TIMEOUT_S:
            wrong.append(f"{address} stops vLLM in the middle of answers")
    return wrong


def plant(address: str, *path: str | int, value: Any) -> Callable[[Resources], None]:
    """Makes one place of a graph wrong."""

    def change(resources: Resources) -> None:
        place: Any = resources[address]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def without(*addresses: str) -> Callable[[Resources], None]:
    def change(resources: Resources) -> None:
        for address in addresses:
            del resources[address]

    return change


def both(*changes: Callable[[Resources], None]) -> Callable[[Resources], None]:
    def change(resources: Resources) -> None:
        for it in changes:
            it(resources)

    return change


GROUP, TEMPLATE = "aws_autoscaling_group.this", "aws_launch_template.node"
ALWAYS = '{"Statement": [{"Action": "s3:*", "Resource": "*"}]}'

# Policy, what makes the graph wrong, and what the policy then says.
WRONG: list[tuple[Policy, Callable[[Resources], None], str]] = [
    (alarms_reach_their_topic, plant("aws_sns_topic.this", "kmsMasterKeyId", value="alias/aws/sns"), "cannot write"),
    (alarms_reach_their_topic, plant("aws_kms_key.this", "policy", value='{"Statement": []}'), "cannot write"),
    (launches_are_held, plant(GROUP, "initialLifecycleHooks", value=[]), "without a hook"),
    (launches_are_held, plant(GROUP, "healthCheckGracePeriod", value=900), "after 900 s"),
    (launches_are_held, plant(GROUP, "initialLifecycleHooks", 0, "heartbeatTimeout", value=900), "after 900 s"),
    (launches_are_held, plant(TEMPLATE, "userData", value="dHJ1ZQ=="), "never ends its launch"),
    (
        nothing_takes_capacity_away,
        plant("aws_autoscaling_policy.wake", "adjustmentType", value="ExactCapacity"),
        "sets",
    ),
    (
        nothing_takes_capacity_away,
        plant("aws_autoscaling_policy.wake", "stepAdjustments", 0, "scalingAdjustment", value=-1),
        "takes capacity away",
    ),
    (
        nothing_takes_capacity_away,
        plant("aws_autoscaling_policy.queue", "targetTrackingConfiguration", "disableScaleIn", value=False),
        "scales in",
    ),
    (
        nothing_takes_capacity_away,
        plant("aws_cloudwatch_metric_alarm.wake", "metricQueries", 0, "expression", value="demand"),
        "again and again",
    ),
    (nodes_get_out, without("aws_route.private_1"), "aws_subnet.private_1 has no way to"),
    (nodes_get_out, plant("aws_subnet.private_0", "availabilityZone", value="us-east-1c"), "another zone"),
    (nodes_get_out, without("aws_vpc_security_group_egress_rule.node"), "lets nothing out"),
    (the_key_never_travels_in_clear, plant("aws_lb_listener.this", "protocol", value="TCP"), "listener.this speaks"),
    (the_key_never_travels_in_clear, plant("aws_lb_target_group.this", "protocol", value="TCP"), "group.this speaks"),
    (nothing_is_public, plant("aws_lb.this", "internal", value=False), "faces the internet"),
    (
        nothing_is_public,
        plant("aws_vpc_security_group_ingress_rule.lb_0", "cidrIpv4", value="0.0.0.0/0"),
        "lets anybody in",
    ),
    (nodes_keep_their_credentials, plant(TEMPLATE, "metadataOptions", "httpTokens", value="optional"), "credentials"),
    (nodes_keep_their_credentials, plant(TEMPLATE, "metadataOptions", "httpPutResponseHopLimit", value=2), "hands"),
    (
        nodes_keep_their_credentials,
        plant(TEMPLATE, "blockDeviceMappings", 0, "ebs", "encrypted", value="false"),
        "in clear",
    ),
    (nodes_may_do_little, plant("aws_iam_role_policy.node", "policy", value=ALWAYS), "allows"),
    (
        no_spot_in_a_warm_pool,
        both(plant(GROUP, "warmPool", value={"minSize": 1})),
        "may keep spot",
    ),
]
WRONG += [
    (failing_back_drains, plant("aws_lb_target_group.this", "deregistrationDelay", value=119), "drains for 119 s"),
    (failing_back_drains, plant("aws_lb_target_group.this", "connectionTermination", value=True), "cuts"),
    (failing_back_drains, plant(TEMPLATE, "userData", value="dHJ1ZQ=="), "in the middle of answers"),
]
POLICIES = list(dict.fromkeys(policy for policy, _, _ in WRONG))


def resources_of(graph: Graph) -> Resources:
    return {node.address: dict(copy.deepcopy(node.inputs)) for node in graph.resources()}


def named(policy: Any) -> str:
    return str(policy.__name__)


@pytest.mark.parametrize("policy", POLICIES, ids=named)
@pytest.mark.parametrize(("name", "mode"), [("minimal", "cold"), ("complete", "warm"), ("complete", "hot")])
def test_the_fallback_keeps(
    policy: Policy, name: str, mode: str, graph_of: Callable[..., Graph], inputs: dict[str, Any]
) -> None:
    assert policy(resources_of(graph_of(inputs[name], mode))) == []


@pytest.mark.parametrize(("policy", "change", "complaint"), WRONG)
def test_the_policy_speaks_of(
    policy: Policy,
    change: Callable[[Resources], None],
    complaint: str,
    graph_of: Callable[..., Graph],
    inputs: dict[str, Any],
) -> None:
    resources = resources_of(graph_of(inputs["minimal"], "cold"))
    change(resources)
    told = policy(resources)
    assert any(complaint in it for it in told), told


def test_an_endpoint_that_is_missing_is_named(graph_of: Callable[..., Graph], inputs: dict[str, Any]) -> None:
    resources = resources_of(graph_of(inputs["complete"], "warm"))
    gone = next(a for a, it in of_kind(resources, "aws_vpc_endpoint").items() if it["serviceName"].endswith(".kms"))
    del resources[gone]
    assert nodes_get_out(resources) == [f"aws_subnet.private_{number} has no way to kms" for number in range(3)]


def test_the_services_that_are_needed_are_those_that_a_node_calls(
    graph_of: Callable[..., Graph], inputs: dict[str, Any]
) -> None:
    script = script_of(resources_of(graph_of(inputs["complete"], "warm"))[TEMPLATE])
    called = set(re.findall(r"\baws (autoscaling|cloudwatch|ecr|s3|secretsmanager)\b", script))
    assert called == {"autoscaling", "cloudwatch", "ecr", "s3", "secretsmanager"}
    endpoint = {"cloudwatch": "monitoring", "ecr": "ecr.api"}
    assert {endpoint.get(it, it) for it in called - {"s3"}} < set(NEEDED_ENDPOINTS)  # s3 has its gateway
