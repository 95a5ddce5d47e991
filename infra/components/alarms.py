"""The alarms: wake up, awake but not serving, awake for too long."""

from collections.abc import Mapping
from math import ceil

import pulumi_aws as aws
from pulumi import Input

from llmops.infra.components.endpoint import Endpoint
from llmops.infra.components.making import Maker
from llmops.infra.components.nodes import Nodes

MINUTE_S = 60


def topic(make: Maker, key: aws.kms.Key) -> aws.sns.Topic:
    """Encrypted with our key: that of SNS would swallow every alarm."""
    made = make(aws.sns.Topic, "this", name=f"{make.spec.name}-alarms", kms_master_key_id=key.arn, tags=make.tags())
    if make.spec.alarm_email is not None:
        make(
            aws.sns.TopicSubscription,
            "email-0",
            topic=made.arn,
            protocol="email",
            endpoint=make.spec.alarm_email,
        )
    return made


def alarms(make: Maker, fleet: Nodes, end: Endpoint, to: aws.sns.Topic) -> None:
    _wake(make, fleet, to)
    _unserved(make, fleet, end, to)
    if make.spec.mode != "hot":
        _awake(make, fleet, to)


def _wake(make: Maker, fleet: Nodes, to: aws.sns.Topic) -> None:
    """Whoever sees the outage publishes FallbackDemand: the fallback's own queue cannot wake it."""
    name = make.spec.name
    make(
        aws.cloudwatch.MetricAlarm,
        "wake",
        name=f"{name}-wake",
        alarm_description=f"There is demand for the fallback {name}, and it is asleep.",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        evaluation_periods=1,
        treat_missing_data="notBreaching",
        alarm_actions=[fleet.wake.arn, to.arn],
        metric_queries=[
            _formula("asked", "IF(FILL(demand, 0) > 0 AND FILL(desired, REPEAT) == 0, 1, 0)", "Demand while asleep"),
            _metric("demand", "LLMOps/Provider", "FallbackDemand", {"Stack": name}, "Sum"),
            _desired(fleet),
        ],
        tags=make.tags(),
    )


def _unserved(make: Maker, fleet: Nodes, end: Endpoint, to: aws.sns.Topic) -> None:
    name = make.spec.name
    hosts = {"LoadBalancer": end.balancer.arn_suffix, "TargetGroup": end.targets.arn_suffix}
    make(
        aws.cloudwatch.MetricAlarm,
        "unserved",
        name=f"{name}-unserved",
        alarm_description=f"The fallback {name} was woken, and nothing serves after the longest expected start: "
        "no capacity, or nodes that fail.",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        evaluation_periods=ceil(make.spec.timeout_s / MINUTE_S) + 5,
        treat_missing_data="notBreaching",
        alarm_actions=[to.arn],
        ok_actions=[to.arn],
        metric_queries=[
            _formula(
                "unserved", "IF(FILL(desired, REPEAT) > 0 AND FILL(healthy, 0) < 1, 1, 0)", "Awake and not serving"
            ),
            _desired(fleet),
            _metric("healthy", "AWS/NetworkELB", "HealthyHostCount", hosts, "Maximum"),
        ],
        tags=make.tags(),
    )


def _awake(make: Maker, fleet: Nodes, to: aws.sns.Topic) -> None:
    name, hours = make.spec.name, make.spec.max_awake_hours
    make(
        aws.cloudwatch.MetricAlarm,
        "awake-0",
        name=f"{name}-awake",
        alarm_description=f"The fallback {name} has been awake for {hours} h: return to the provider, "
        "or renew the lease knowingly.",
        namespace="AWS/AutoScaling",
        metric_name="GroupInServiceInstances",
        dimensions={"AutoScalingGroupName": fleet.group.name},
        statistic="Minimum",
        period=3600,
        evaluation_periods=hours,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        treat_missing_data="notBreaching",
        alarm_actions=[to.arn],
        tags=make.tags(),
    )


def _formula(name: str, expression: str, label: str) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(id=name, expression=expression, label=label, return_data=True)


def _metric(
    name: str, namespace: str, metric: str, dimensions: Mapping[str, Input[str]], stat: str
) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=name,
        metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=namespace, metric_name=metric, dimensions=dimensions, stat=stat, period=MINUTE_S
        ),
    )


def _desired(fleet: Nodes) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    group = {"AutoScalingGroupName": fleet.group.name}
    return _metric("desired", "AWS/AutoScaling", "GroupDesiredCapacity", group, "Maximum")
