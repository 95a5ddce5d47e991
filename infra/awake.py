"""Wake the fallback and put it to sleep. Being awake is a lease, and AWS itself ends it when nobody renews it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from llmops.errors import BadInput, OutsideFailed
from llmops.infra.cloud import Cloud, aws_errors

LEASE = "llmops-sleep"  # the scheduled action that ends being awake
POLL_S = 10.0
DIGITS = 4  # of a number of instances
RESERVE_S = 300  # on top of the group's own grace: what AWS may take to find an instance

Clock = Callable[[], float]
Wait = Callable[[float], None]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Instance:
    """One instance of the group."""

    id: str
    type: str
    zone: str
    state: str
    launched_at: datetime | None
    is_spot: bool
    image_id: str


@dataclass(frozen=True)
class Group:
    """The fallback as AWS tells it."""

    name: str
    min_size: int
    max_size: int
    desired: int
    grace_s: int
    tags: Mapping[str, str]
    instances: tuple[Instance, ...]
    healthy: int  # targets that the load balancer sends requests to
    registered: int
    lease_until: datetime | None

    @property
    def woken(self) -> bool:
        """Somebody woke it, or will have it awake."""
        return self.desired > self.resting_size or self.lease_until is not None

    @property
    def resting_size(self) -> int:
        """Instances that serve while nobody woke it: what the group was made with."""
        told = self.tags.get("llmops:resting-size", str(self.min_size))
        if not (told.isascii() and told.isdecimal() and len(told) <= DIGITS):
            raise OutsideFailed(
                f"{self.name}: the tag llmops:resting-size is no number: {told!r}",
                hint="`llmops infra up` sets it again",
            )
        return int(told)


def read_group(cloud: Cloud, name: str) -> Group:
    """BadInput where there is no such group."""
    with aws_errors():
        found = cloud.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        if not found:
            raise BadInput(f"there is no Auto Scaling group {name!r}", hint="check --name, --region and the account")
        told = found[0]
        targets = _targets(cloud, told.get("TargetGroupARNs", []))
        actions = cloud.autoscaling.describe_scheduled_actions(AutoScalingGroupName=name, ScheduledActionNames=[LEASE])
        instances = _instances(cloud, [it["InstanceId"] for it in told["Instances"]], told["Instances"])
    lease = actions["ScheduledUpdateGroupActions"]
    return Group(
        name=name,
        min_size=told["MinSize"],
        max_size=told["MaxSize"],
        desired=told["DesiredCapacity"],
        grace_s=told.get("HealthCheckGracePeriod", 0),
        tags={tag["Key"]: tag["Value"] for tag in told.get("Tags", [])},
        instances=instances,
        healthy=sum(state == "healthy" for state in targets),
        registered=len(targets),
        lease_until=lease[0].get("StartTime") if lease else None,
    )


def wake(  # noqa: PLR0913 - each is given by name
    cloud: Cloud, name: str, *, replicas: int, until: datetime, clock: Clock, wait: Wait, say: Say
) -> tuple[float, datetime]:
    """Seconds until `replicas` targets are healthy, and when it sleeps: not before somebody's lease that is longer.

    OutsideFailed, with AWS's last word, where they do not become so. The lease is laid before anything starts: whatever
    happens to whoever wakes, AWS puts it to sleep.
    """
    group = read_group(cloud, name)
    if replicas > group.max_size:
        raise BadInput(f"{replicas} instances are more than max_size, {group.max_size}", hint="raise it with `up`")
    if group.lease_until is None or group.lease_until < until:
        lay_lease(cloud, group, until)
    else:
        until = group.lease_until
        say(stays(until))
    if group.desired < replicas:
        with aws_errors():
            cloud.autoscaling.set_desired_capacity(
                AutoScalingGroupName=name, DesiredCapacity=replicas, HonorCooldown=False
            )
    say(f"{name}: {max(group.desired, replicas)} wanted, sleeps at {until:%Y-%m-%d %H:%M %Z}")
    return await_serving(cloud, group, replicas=replicas, clock=clock, wait=wait, say=say), until


def await_serving(  # noqa: PLR0913 - each is given by name
    cloud: Cloud, group: Group, *, replicas: int, clock: Clock, wait: Wait, say: Say
) -> float:
    """Seconds until `replicas` targets are healthy. It changes nothing."""
    limit_s = group.grace_s + RESERVE_S
    return _until(cloud, group.name, lambda it: it.healthy >= replicas, limit_s, clock=clock, wait=wait, say=say)


def stays(until: datetime) -> str:
    """Of a lease that is longer than the one that was asked for."""
    return f"the lease stays until {until:%Y-%m-%d %H:%M %Z}: waking never shortens one, `llmops infra sleep` ends it"


def lay_lease(cloud: Cloud, group: Group, until: datetime) -> None:
    """Lay or renew it: a scheduled action of the group, which AWS carries out."""
    with aws_errors():
        cloud.autoscaling.put_scheduled_update_group_action(
            AutoScalingGroupName=group.name,
            ScheduledActionName=LEASE,
            StartTime=until,
            MinSize=group.resting_size,
            DesiredCapacity=group.resting_size,
        )


def sleep(cloud: Cloud, name: str, *, clock: Clock, wait: Wait, say: Say) -> float:
    """Seconds until only the resting instances are targets. Requests in flight end first: AWS drains each target."""
    group = read_group(cloud, name)
    with aws_errors():
        cloud.autoscaling.update_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=group.resting_size, DesiredCapacity=group.resting_size
        )
        if group.lease_until is not None:
            cloud.autoscaling.delete_scheduled_action(AutoScalingGroupName=name, ScheduledActionName=LEASE)
    say(f"{name}: {group.resting_size} wanted; requests in flight are drained")
    resting = group.resting_size
    return _until(
        cloud, name, lambda it: it.registered <= resting, group.grace_s + RESERVE_S, clock=clock, wait=wait, say=say
    )


def rest(cloud: Cloud, name: str, say: Say) -> None:
    """After a change of mode: an apply leaves the desired capacity alone, so that hot to cold would go on serving."""
    group = read_group(cloud, name)
    if group.lease_until is None and group.desired > group.resting_size:
        with aws_errors():
            cloud.autoscaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=group.resting_size)
        say(f"{name}: back to {group.resting_size}, for nobody woke it")


def _until(  # noqa: PLR0913 - each is given by name
    cloud: Cloud, name: str, done: Callable[[Group], bool], limit_s: float, *, clock: Clock, wait: Wait, say: Say
) -> float:
    started, told = clock(), ""
    while True:
        group = read_group(cloud, name)
        words = _progress(group)
        if words != told:
            say(f"{clock() - started:6.0f} s  {words}")
            told = words
        if done(group):
            return clock() - started
        if clock() - started > limit_s:
            raise OutsideFailed(f"{name}: {words} after {limit_s:.0f} s", hint=last_word(cloud, name))
        wait(POLL_S)


def _progress(group: Group) -> str:
    states: dict[str, int] = {}
    for instance in group.instances:
        states[instance.state] = states.get(instance.state, 0) + 1
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "no instance"
    return f"{told}; {group.healthy} of {group.registered} targets healthy"


def last_word(cloud: Cloud, name: str) -> str:
    """What AWS says of the last change of the group: here it tells that it has no capacity."""
    with aws_errors():
        activities = cloud.autoscaling.describe_scaling_activities(AutoScalingGroupName=name, MaxRecords=1)[
            "Activities"
        ]
    told = activities[0] if activities else {}
    return str(told.get("StatusMessage") or told.get("Description") or "AWS tells no scaling activity")


def _targets(cloud: Cloud, arns: list[str]) -> list[str]:
    states = []
    for arn in arns:
        told = cloud.balancers.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        states += [it["TargetHealth"]["State"] for it in told]
    return states


def _instances(cloud: Cloud, ids: list[str], told: list[dict[str, Any]]) -> tuple[Instance, ...]:
    if not ids:
        return ()
    reservations = cloud.ec2.describe_instances(InstanceIds=ids)["Reservations"]
    known = {it["InstanceId"]: it for reservation in reservations for it in reservation["Instances"]}
    return tuple(
        Instance(
            id=it["InstanceId"],
            type=known.get(it["InstanceId"], {}).get("InstanceType", it.get("InstanceType", "")),
            zone=it["AvailabilityZone"],
            state=it["LifecycleState"],
            launched_at=known.get(it["InstanceId"], {}).get("LaunchTime"),
            is_spot=known.get(it["InstanceId"], {}).get("InstanceLifecycle") == "spot",
            image_id=known.get(it["InstanceId"], {}).get("ImageId", ""),
        )
        for it in told
    )
