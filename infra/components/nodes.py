"""The nodes: how one starts, how many there are, and who wakes them."""

import base64
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Input, Output

from llmops.infra.components.endpoint import Endpoint
from llmops.infra.components.making import Maker
from llmops.infra.components.network import Network
from llmops.infra.components.storage import Storage
from llmops.infra.user_data import render_user_data


@dataclass(frozen=True)
class Nodes:
    """The group, its template, and the policy that wakes it."""

    template: aws.ec2.LaunchTemplate
    group: aws.autoscaling.Group
    wake: aws.autoscaling.Policy


def user_data(make: Maker, kept: Storage, logs: aws.cloudwatch.LogGroup) -> Output[str]:
    cloud = {
        "region": make.place.region,
        "bucket": kept.bucket.id,
        "secret_arn": kept.secret.arn,
        "log_group": logs.name,
    }
    return Output.all(**cloud).apply(lambda known: _base64(render_user_data(make.spec, known)))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def nodes(make: Maker, net: Network, end: Endpoint, profile: aws.iam.InstanceProfile, script: Input[str]) -> Nodes:
    template = _launch_template(make, net, profile, script)
    group = _group(make, net, end, template)
    return Nodes(template, group, _policies(make, group))


def _launch_template(
    make: Maker, net: Network, profile: aws.iam.InstanceProfile, script: Input[str]
) -> aws.ec2.LaunchTemplate:
    spec = make.spec
    tags = make.tags(f"{spec.name}-node")
    reserved = aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
        capacity_reservation_id=spec.capacity_reservation_id
    )
    volume = aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
        volume_type="gp3",
        volume_size=spec.volume_size_gb,
        iops=spec.volume_iops,
        throughput=spec.volume_throughput_mib_s,
        encrypted="true",
        delete_on_termination="true",
    )
    return make(
        aws.ec2.LaunchTemplate,
        "node",
        name=f"{spec.name}-node",
        description=f"GPU node of {spec.name}",
        image_id=spec.ami_id,
        update_default_version=True,
        user_data=script,
        vpc_security_group_ids=[net.node_group.id],
        tags=tags,
        iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(arn=profile.arn),
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled",
            http_tokens="required",
            # One hop: the node itself. The container is a hop further and gets no credentials of the node.
            http_put_response_hop_limit=1,
        ),
        monitoring=aws.ec2.LaunchTemplateMonitoringArgs(enabled=True),
        block_device_mappings=[
            aws.ec2.LaunchTemplateBlockDeviceMappingArgs(device_name=spec.root_device_name, ebs=volume)
        ],
        capacity_reservation_specification=aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
            capacity_reservation_target=reserved
        )
        if spec.capacity_reservation_id
        else None,
        tag_specifications=[
            aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags) for kind in ("instance", "volume")
        ],
    )


def _group(make: Maker, net: Network, end: Endpoint, template: aws.ec2.LaunchTemplate) -> aws.autoscaling.Group:
    spec = make.spec
    return make(
        aws.autoscaling.Group,
        "this",
        name=spec.name,
        min_size=spec.resting_size,
        max_size=spec.max_size,
        desired_capacity=spec.resting_size,
        vpc_zone_identifiers=net.subnet_ids,
        target_group_arns=[end.targets.arn],
        health_check_type="ELB",
        health_check_grace_period=spec.timeout_s,
        capacity_rebalance=spec.mode != "warm",
        wait_for_capacity_timeout="0",  # an apply does not wait for GPUs; `llmops infra wake` does
        metrics_granularity="1Minute",
        enabled_metrics=[
            "GroupDesiredCapacity",
            "GroupInServiceInstances",
            "GroupTotalInstances",
            "WarmPoolTotalCapacity",
        ],
        # From before the first instance: it holds every one until vLLM has answered.
        initial_lifecycle_hooks=[
            aws.autoscaling.GroupInitialLifecycleHookArgs(
                name="launch",
                lifecycle_transition="autoscaling:EC2_INSTANCE_LAUNCHING",
                default_result="ABANDON",
                heartbeat_timeout=spec.timeout_s,
            )
        ],
        mixed_instances_policy=_mixed(make, template),
        warm_pool=_warm_pool(make) if spec.mode == "warm" else None,
        tags=[
            aws.autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=False)
            for key, value in group_tags(make).items()
        ],
        ignore_changes=["desiredCapacity"],  # awake or asleep is not the business of an apply
    )


def _mixed(make: Maker, template: aws.ec2.LaunchTemplate) -> aws.autoscaling.GroupMixedInstancesPolicyArgs:
    spec = make.spec
    # A warm pool keeps on-demand instances only: what spot does when it is stopped and taken away is untested.
    on_demand_base = spec.max_size if spec.mode == "warm" else spec.on_demand_base
    return aws.autoscaling.GroupMixedInstancesPolicyArgs(
        instances_distribution=aws.autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs(
            on_demand_base_capacity=on_demand_base,
            on_demand_percentage_above_base_capacity=100 - spec.spot_percent,
            on_demand_allocation_strategy="prioritized",
            spot_allocation_strategy="price-capacity-optimized",
        ),
        launch_template=aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs(
            launch_template_specification=aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs(
                launch_template_id=template.id, version=template.latest_version.apply(str)
            ),
            overrides=[
                aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs(instance_type=kind)
                for kind in spec.instance_types
            ],
        ),
    )


def _warm_pool(make: Maker) -> aws.autoscaling.GroupWarmPoolArgs:
    return aws.autoscaling.GroupWarmPoolArgs(
        pool_state="Stopped",
        min_size=make.spec.warm_size,
        max_group_prepared_capacity=make.spec.max_size,
        instance_reuse_policy=aws.autoscaling.GroupWarmPoolInstanceReusePolicyArgs(
            reuse_on_scale_in=True  # back into the pool, with its weights, instead of terminated
        ),
    )


def group_tags(make: Maker) -> dict[str, str]:
    """What a drill must name, so that a gate can ask for one of what is deployed."""
    spec = make.spec
    told = {
        "llmops:mode": spec.mode,
        "llmops:model": spec.model,
        "llmops:weights-revision": spec.weights_revision,
        "llmops:image": spec.image,
        "llmops:resting-size": str(spec.resting_size),
    }
    return {**make.tags(spec.name), **told}


def _policies(make: Maker, group: aws.autoscaling.Group) -> aws.autoscaling.Policy:
    """Wake from zero and only from zero, by one: a repeated or late alarm never takes an instance away.

    Grow with the queue and never shrink: an empty queue during an outage is no reason to sleep.
    """
    spec = make.spec
    wake = make(
        aws.autoscaling.Policy,
        "wake",
        name=f"{spec.name}-wake",
        autoscaling_group_name=group.name,
        policy_type="StepScaling",
        adjustment_type="ChangeInCapacity",
        metric_aggregation_type="Maximum",
        estimated_instance_warmup=spec.timeout_s,
        step_adjustments=[
            aws.autoscaling.PolicyStepAdjustmentArgs(scaling_adjustment=1, metric_interval_lower_bound="0")
        ],
    )
    waiting = aws.autoscaling.PolicyTargetTrackingConfigurationCustomizedMetricSpecificationArgs(
        namespace="LLMOps/vLLM",
        metric_name="num_requests_waiting",
        statistic="Average",
        metric_dimensions=[
            aws.autoscaling.PolicyTargetTrackingConfigurationCustomizedMetricSpecificationMetricDimensionArgs(
                name="Stack", value=spec.name
            )
        ],
    )
    make(
        aws.autoscaling.Policy,
        "queue",
        name=f"{spec.name}-queue",
        autoscaling_group_name=group.name,
        policy_type="TargetTrackingScaling",
        estimated_instance_warmup=spec.timeout_s,
        target_tracking_configuration=aws.autoscaling.PolicyTargetTrackingConfigurationArgs(
            target_value=spec.waiting_requests_target,
            disable_scale_in=True,
            customized_metric_specification=waiting,
        ),
    )
    return wake
