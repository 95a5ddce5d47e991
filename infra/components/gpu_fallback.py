"""The GPU fallback as a Pulumi component: the resources of the Terraform module, under the same names."""

import pulumi
import pulumi_aws as aws
from pulumi import Output

from llmops.infra.components.alarms import alarms, topic
from llmops.infra.components.endpoint import endpoint
from llmops.infra.components.iam import node_profile
from llmops.infra.components.making import Maker, Place
from llmops.infra.components.network import network
from llmops.infra.components.nodes import nodes, user_data
from llmops.infra.components.storage import storage
from llmops.infra.spec import FallbackSpec


class GpuFallback(pulumi.ComponentResource):
    """A self-hosted model that stands by, cold, warm or hot; its name is that of the spec."""

    group_name: Output[str]
    endpoint: Output[str]
    load_balancer_dns_name: Output[str]
    bucket: Output[str]
    weights_uri: Output[str]
    secret_arn: Output[str]
    log_group_name: Output[str]
    topic_arn: Output[str]
    launch_template_version: Output[int]
    start_timeout_s: Output[int]
    node_security_group_id: Output[str]

    def __init__(self, spec: FallbackSpec, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("llmops:infra:GpuFallback", spec.name, None, opts)
        make = Maker(spec, _place(self), self)
        kept = storage(make)
        logs = make(
            aws.cloudwatch.LogGroup,
            "vllm",
            name=f"/llmops/{spec.name}/vllm",
            retention_in_days=spec.log_days,
            kms_key_id=kept.key.arn,
            tags=make.tags(),
        )
        net = network(make, kept.key)
        end = endpoint(make, net, kept)
        fleet = nodes(make, net, end, node_profile(make, kept, logs), user_data(make, kept, logs))
        to = topic(make, kept.key)
        alarms(make, fleet, end, to)
        host = spec.record_name or end.balancer.dns_name
        outputs = {
            "group_name": fleet.group.name,
            "endpoint": Output.concat("https://", host, "/v1"),
            "load_balancer_dns_name": end.balancer.dns_name,
            "bucket": kept.bucket.id,
            "weights_uri": Output.concat("s3://", kept.bucket.id, f"/weights/{spec.model}/{spec.weights_revision}/"),
            "secret_arn": kept.secret.arn,
            "log_group_name": logs.name,
            "topic_arn": to.arn,
            "launch_template_version": fleet.template.latest_version,
            "start_timeout_s": Output.from_input(spec.timeout_s),
            "node_security_group_id": net.node_group.id,
        }
        for name, value in outputs.items():
            setattr(self, name, value)
        self.outputs = outputs
        self.register_outputs(outputs)


def _place(parent: pulumi.Resource) -> Place:
    ask = pulumi.InvokeOptions(parent=parent)
    return Place(
        account=aws.get_caller_identity_output(opts=ask).account_id,
        partition=aws.get_partition_output(opts=ask).partition,
        region=aws.get_region_output(opts=ask).name,
    )
