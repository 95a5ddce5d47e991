"""What a node may do: read its weights and its key, write its logs and metrics, finish its own launch."""

from typing import Any

import pulumi_aws as aws
from pulumi import Output

from llmops.infra.components.making import Maker, policy, service_trust
from llmops.infra.components.storage import Storage
from llmops.infra.spec_checks import ECR_IMAGE


def node_profile(make: Maker, kept: Storage, logs: aws.cloudwatch.LogGroup) -> aws.iam.InstanceProfile:
    name = make.spec.name
    role = make(
        aws.iam.Role,
        "node",
        name=f"{name}-node",
        description=f"GPU nodes of {name}",
        assume_role_policy=service_trust("ec2.amazonaws.com"),
        tags=make.tags(),
    )
    statements = [*_on_storage(kept), *_on_itself(make, logs), *_on_registry(make)]
    make(aws.iam.RolePolicy, "node", name=f"{name}-node", role=role.id, policy=policy(statements))
    return make(aws.iam.InstanceProfile, "node", name=f"{name}-node", role=role.name, tags=make.tags())


def _allow(sid: str, action: Any, resource: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON, with outputs
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource, **more}


def _on_storage(kept: Storage) -> list[dict[str, Any]]:
    bucket = kept.bucket.arn
    own_folders = {"StringLike": {"s3:prefix": ["weights/*", "compile-cache/*"]}}
    readable = [Output.concat(bucket, "/weights/*"), Output.concat(bucket, "/compile-cache/*")]
    return [
        _allow("ListOwnFolders", "s3:ListBucket", bucket, Condition=own_folders),
        _allow("ReadWeights", "s3:GetObject", readable),
        _allow("KeepCompileCache", "s3:PutObject", Output.concat(bucket, "/compile-cache/*")),
        _allow("ReadApiKey", "secretsmanager:GetSecretValue", kept.secret.arn),
        _allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], kept.key.arn),
    ]


def _on_itself(make: Maker, logs: aws.cloudwatch.LogGroup) -> list[dict[str, Any]]:
    place = make.place
    group = Output.concat(
        "arn:",
        place.partition,
        ":autoscaling:",
        place.region,
        ":",
        place.account,
        f":autoScalingGroup:*:autoScalingGroupName/{make.spec.name}",
    )
    own_metrics = {"StringEquals": {"cloudwatch:namespace": "LLMOps/vLLM"}}
    session_manager = [  # a shell without an open port
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]
    return [
        _allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], Output.concat(logs.arn, ":*")),
        _allow("WriteMetrics", "cloudwatch:PutMetricData", "*", Condition=own_metrics),
        _allow("FinishOwnLaunch", "autoscaling:CompleteLifecycleAction", group),
        _allow("SessionManager", session_manager, "*"),
    ]


def _on_registry(make: Maker) -> list[dict[str, Any]]:
    """Of an image in ECR, its repository: nothing else is pulled from there."""
    image = ECR_IMAGE.match(make.spec.image)
    if image is None:
        return []
    account, region, repository = image.groups()
    arn = Output.concat("arn:", make.place.partition, f":ecr:{region}:{account}:repository/{repository}")
    return [
        _allow("PullImage", ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], arn),
        _allow("LogInToRegistry", "ecr:GetAuthorizationToken", "*"),
    ]
