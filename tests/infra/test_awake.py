"""Awake and asleep, on a group of moto in this process, with its faults mended."""

import importlib.util
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import BadInput, OutsideFailed
from llmops.infra.awake import LEASE, Group, last_word, read_group, rest, sleep, wake
from llmops.infra.cloud import Cloud

UNTIL = datetime(2030, 1, 1, 12, tzinfo=UTC)
NEEDS = ("moto", "boto3")


class Time:
    """A clock that moves by what is waited; after each wait `then` may change the world."""

    def __init__(self) -> None:
        self.now, self.said = 0.0, list[str]()
        self.then = lambda: None

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.then()

    @property
    def passed_in(self) -> dict[str, Any]:
        return {"clock": self.clock, "wait": self.wait, "say": self.said.append}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A cold fallback: at most 3 instances, and a target group."""
    for library in NEEDS:
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    from moto import mock_aws
    from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup

    patches = load(Path(__file__).parent / "apply" / "moto_server.py")
    for patched in (AutoScalingBackend, FakeAutoScalingGroup):  # put back afterwards
        monkeypatch.setattr(patched, "set_desired_capacity", patched.set_desired_capacity)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "dummy")
    patches.deregistered()
    patches.bounded()
    with mock_aws():
        cloud = Cloud("us-east-1")
        make_group(cloud, cloud._client("ec2"))
        yield cloud


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_group(cloud: Cloud, ec2: Any, resting: int = 0) -> None:
    subnet = ec2.describe_subnets()["Subnets"][0]
    ec2.create_launch_template(
        LaunchTemplateName="fb-node", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "g6e.12xlarge"}
    )
    targets = cloud.balancers.create_target_group(Name="fb", Protocol="TLS", Port=8000, VpcId=subnet["VpcId"])
    cloud.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="fb",
        MinSize=resting,
        MaxSize=3,
        DesiredCapacity=resting,
        HealthCheckGracePeriod=600,
        LaunchTemplate={"LaunchTemplateName": "fb-node"},
        VPCZoneIdentifier=subnet["SubnetId"],
        TargetGroupARNs=[targets["TargetGroups"][0]["TargetGroupArn"]],
        Tags=[
            {"ResourceId": "fb", "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False, **tag}
            for tag in (
                {"Key": "llmops:resting-size", "Value": str(resting)},
                {"Key": "llmops:model", "Value": "m"},
                {"Key": "llmops:image", "Value": "vllm/vllm-openai:v0.11.0"},
                {"Key": "llmops:weights-revision", "Value": "abc"},
                {"Key": "llmops:mode", "Value": "cold"},
            )
        ],
    )


def test_a_group_is_read_whole(aws: Cloud) -> None:
    group = read_group(aws, "fb")
    assert (group.min_size, group.max_size, group.desired, group.grace_s) == (0, 3, 0, 600)
    assert (group.instances, group.healthy, group.registered, group.lease_until) == ((), 0, 0, None)
    assert group.resting_size == 0
    with pytest.raises(BadInput, match="there is no Auto Scaling group 'fc'"):
        read_group(aws, "fc")


@pytest.mark.parametrize("told", ["abc", "", "-1", "9" * 5000])
def test_a_resting_size_that_is_no_number_is_a_sentence(told: str) -> None:
    group = Group("fb", 0, 3, 0, 600, {"llmops:resting-size": told}, (), 0, 0, None)
    with pytest.raises(OutsideFailed, match="the tag llmops:resting-size is no number"):
        _ = group.resting_size


def test_waking_starts_what_is_wanted_and_lays_a_lease(aws: Cloud) -> None:
    time = Time()
    assert wake(aws, "fb", replicas=2, until=UNTIL, **time.passed_in) == (0.0, UNTIL)  # moto's instances serve at once
    group = read_group(aws, "fb")
    assert (group.desired, group.healthy, group.lease_until) == (2, 2, UNTIL)
    assert [it.type for it in group.instances] == ["g6e.12xlarge"] * 2
    assert all(it.launched_at for it in group.instances)
    assert time.said == [
        "fb: 2 wanted, sleeps at 2030-01-01 12:00 UTC",
        "     0 s  2 InService; 2 of 2 targets healthy",
    ]


def test_the_lease_is_laid_before_anything_starts(aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(aws.autoscaling, "set_desired_capacity", refuse)
    with pytest.raises(KeyboardInterrupt):
        wake(aws, "fb", replicas=1, until=UNTIL, **Time().passed_in)
    (action,) = aws.autoscaling.describe_scheduled_actions(AutoScalingGroupName="fb")["ScheduledUpdateGroupActions"]
    assert (action["ScheduledActionName"], action["StartTime"]) == (LEASE, UNTIL)
    assert (action["MinSize"], action["DesiredCapacity"]) == (0, 0)


def test_waking_again_renews_and_never_takes_away(aws: Cloud) -> None:
    wake(aws, "fb", replicas=3, until=UNTIL, **Time().passed_in)
    wake(aws, "fb", replicas=1, until=UNTIL + timedelta(hours=4), **Time().passed_in)
    group = read_group(aws, "fb")
    assert (group.desired, group.lease_until) == (3, UNTIL + timedelta(hours=4))


def test_waking_never_shortens_a_lease(aws: Cloud) -> None:
    wake(aws, "fb", replicas=1, until=UNTIL, **Time().passed_in)
    time = Time()
    assert wake(aws, "fb", replicas=2, until=UNTIL - timedelta(hours=3), **time.passed_in) == (0.0, UNTIL)
    group = read_group(aws, "fb")
    assert (group.desired, group.lease_until) == (2, UNTIL)
    assert time.said[0].startswith("the lease stays until 2030-01-01 12:00 UTC")
    assert time.said[1] == "fb: 2 wanted, sleeps at 2030-01-01 12:00 UTC"


def test_more_than_the_most_is_refused_before_anything_changes(aws: Cloud) -> None:
    with pytest.raises(BadInput, match="4 instances are more than max_size, 3"):
        wake(aws, "fb", replicas=4, until=UNTIL, **Time().passed_in)
    assert read_group(aws, "fb").lease_until is None


def test_when_nothing_serves_in_time_awss_last_word_is_the_hint(aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws.balancers, "describe_target_health", lambda **_: {"TargetHealthDescriptions": []})
    told = {"Activities": [{"StatusMessage": "We currently do not have sufficient g6e.12xlarge capacity."}]}
    monkeypatch.setattr(aws.autoscaling, "describe_scaling_activities", lambda **_: told)
    time = Time()
    with pytest.raises(OutsideFailed, match="1 InService; 0 of 0 targets healthy after 900 s") as failed:
        wake(aws, "fb", replicas=1, until=UNTIL, **time.passed_in)
    assert failed.value.hint == "We currently do not have sufficient g6e.12xlarge capacity."
    assert time.now == 910.0  # 600 s of grace, 300 s for AWS to find an instance, and the look after that
    assert read_group(aws, "fb").lease_until == UNTIL  # it still sleeps by itself


def test_without_a_scaling_activity_it_says_so(aws: Cloud) -> None:
    assert last_word(aws, "fb") == "AWS tells no scaling activity"


def test_sleeping_ends_the_lease_and_waits_until_the_targets_are_gone(aws: Cloud) -> None:
    wake(aws, "fb", replicas=2, until=UNTIL, **Time().passed_in)
    time = Time()
    sleep(aws, "fb", **time.passed_in)
    group = read_group(aws, "fb")
    assert (group.desired, group.registered, group.lease_until) == (0, 0, None)
    assert time.said[0] == "fb: 0 wanted; requests in flight are drained"


def test_sleeping_waits_while_targets_are_drained(aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    states = [["healthy"], ["draining"], ["draining"], []]

    def health(**_: object) -> dict[str, Any]:
        now = states.pop(0) if len(states) > 1 else states[0]
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}} for state in now]}

    monkeypatch.setattr(aws.balancers, "describe_target_health", health)
    time = Time()
    assert sleep(aws, "fb", **time.passed_in) == 20.0  # two looks at a target that drains, ten seconds apart


def test_sleeping_leaves_it_to_the_group_to_drain_and_terminates_nothing_itself(aws: Cloud) -> None:
    wake(aws, "fb", replicas=2, until=UNTIL, **Time().passed_in)
    changed: list[str] = []

    def note(model: Any, **_: Any) -> None:
        if not model.name.startswith("Describe"):
            changed.append(model.name)

    for client in (aws.autoscaling, aws.balancers, aws.ec2):
        client.meta.events.register("before-call.*", note)
    sleep(aws, "fb", **Time().passed_in)
    # AWS deregisters each target, waits for its deregistration delay, and then terminates
    assert changed == ["UpdateAutoScalingGroup", "DeleteScheduledAction"]


def test_sleeping_does_not_end_before_the_last_target_is_drained(aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    draining = {"TargetHealthDescriptions": [{"TargetHealth": {"State": "draining"}}]}
    monkeypatch.setattr(aws.balancers, "describe_target_health", lambda **_: draining)
    with pytest.raises(OutsideFailed, match="0 of 1 targets healthy after 900 s"):
        sleep(aws, "fb", **Time().passed_in)


def test_after_a_change_from_hot_to_cold_it_rests(aws: Cloud) -> None:
    aws.autoscaling.set_desired_capacity(AutoScalingGroupName="fb", DesiredCapacity=2)
    said: list[str] = []
    rest(aws, "fb", said.append)
    assert (read_group(aws, "fb").desired, said) == (0, ["fb: back to 0, for nobody woke it"])


def test_what_is_awake_under_a_lease_is_left_awake_by_an_apply(aws: Cloud) -> None:
    wake(aws, "fb", replicas=2, until=UNTIL, **Time().passed_in)
    rest(aws, "fb", lambda _: None)
    assert read_group(aws, "fb").desired == 2


def test_what_is_deployed_is_named(aws: Cloud) -> None:
    from llmops.infra.deployed import deployed

    told = deployed(aws, read_group(aws, "fb"))
    assert told == {
        "fallback": "fb",
        "mode": "cold",
        "model": "m",
        "weights_revision": "abc",
        "image": "vllm/vllm-openai:v0.11.0",
        "image_digest": "unknown: pinned by tag",
        "ami_id": "ami-12c6146b",
        "launch_template_version": "1",
    }
