"""One key; the bucket of weights, compile caches and access logs; the secret that holds the key of the API."""

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Output

from llmops.infra.components.making import Maker, policy

USE_KEY = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:DescribeKey"]


@dataclass(frozen=True)
class Storage:
    """What the nodes read and write, and the key that encrypts it."""

    key: aws.kms.Key
    bucket: aws.s3.BucketV2
    bucket_policy: aws.s3.BucketPolicy
    secret: aws.secretsmanager.Secret


def storage(make: Maker) -> Storage:
    name = make.spec.name
    key = make(
        aws.kms.Key,
        "this",
        description=f"LLM fallback {name}: weights, secret, logs, alarms",
        enable_key_rotation=True,
        deletion_window_in_days=7,
        policy=_key_policy(make),
        tags=make.tags(name),
    )
    make(aws.kms.Alias, "this", name=f"alias/llmops/{name}", target_key_id=key.key_id)
    bucket = make(
        aws.s3.BucketV2,
        "weights",
        bucket_prefix=f"{name}-weights-",
        force_destroy=make.spec.force_destroy,
        tags=make.tags(f"{name}-weights"),
    )
    bucket_policy = _guarded(make, bucket, key)
    secret = make(  # its value is set by a person: no secret passes through the state
        aws.secretsmanager.Secret,
        "api-key",
        name_prefix=f"llmops/{name}/api-key-",
        description=f"Bearer key of the API of {name}",
        kms_key_id=key.arn,
        recovery_window_in_days=7,
        tags=make.tags(),
    )
    return Storage(key, bucket, bucket_policy, secret)


def _key_policy(make: Maker) -> Output[str]:
    place = make.place
    log_groups = Output.concat(
        "arn:", place.partition, ":logs:", place.region, ":", place.account, f":log-group:/llmops/{make.spec.name}/*"
    )
    return policy(
        [
            {
                "Sid": "Account",
                "Effect": "Allow",
                "Action": "kms:*",
                "Resource": "*",
                "Principal": {"AWS": Output.concat("arn:", place.partition, ":iam::", place.account, ":root")},
            },
            # Alarms publish to an encrypted topic only with a key that says so; the key of SNS does not. Without
            # a condition, as AWS documents it: one that CloudWatch does not meet would swallow every alarm.
            {
                "Sid": "Alarms",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
            },
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Action": USE_KEY,
                "Resource": "*",
                "Principal": {"Service": Output.concat("logs.", place.region, ".amazonaws.com")},
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            },
            {
                "Sid": "AccessLogs",
                "Effect": "Allow",
                "Action": USE_KEY,
                "Resource": "*",
                "Principal": {"Service": "delivery.logs.amazonaws.com"},
            },
        ]
    )


def _guarded(make: Maker, bucket: aws.s3.BucketV2, key: aws.kms.Key) -> aws.s3.BucketPolicy:
    """Versioned, encrypted with our key, never public, over TLS only; old logs and old weights go."""
    versioning = make(
        aws.s3.BucketVersioningV2,
        "weights",
        bucket=bucket.id,
        versioning_configuration=aws.s3.BucketVersioningV2VersioningConfigurationArgs(status="Enabled"),
    )
    by_default = aws.s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="aws:kms", kms_master_key_id=key.arn
    )
    make(
        aws.s3.BucketServerSideEncryptionConfigurationV2,
        "weights",
        bucket=bucket.id,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationV2RuleArgs(
                bucket_key_enabled=True, apply_server_side_encryption_by_default=by_default
            )
        ],
    )
    public_access = make(
        aws.s3.BucketPublicAccessBlock,
        "weights",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    make(
        aws.s3.BucketLifecycleConfigurationV2,
        "weights",
        bucket=bucket.id,
        rules=_lifecycle_rules(make.spec.log_days),
        depends_on=[versioning],
    )
    return make(
        aws.s3.BucketPolicy,
        "weights",
        bucket=bucket.id,
        policy=_bucket_policy(make, bucket),
        depends_on=[public_access],
    )


def _lifecycle_rules(log_days: int) -> list[aws.s3.BucketLifecycleConfigurationV2RuleArgs]:
    return [
        aws.s3.BucketLifecycleConfigurationV2RuleArgs(
            id="access-logs",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationV2RuleFilterArgs(prefix="access-logs/"),
            expiration=aws.s3.BucketLifecycleConfigurationV2RuleExpirationArgs(days=log_days),
        ),
        aws.s3.BucketLifecycleConfigurationV2RuleArgs(
            id="leftovers",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationV2RuleFilterArgs(prefix=""),
            abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=7
            ),
            noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs(
                noncurrent_days=30
            ),
        ),
    ]


def _bucket_policy(make: Maker, bucket: aws.s3.BucketV2) -> Output[str]:
    delivery = {"Service": "delivery.logs.amazonaws.com"}
    own_account = {"aws:SourceAccount": make.place.account}
    return policy(
        [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Action": "s3:*",
                "Resource": [bucket.arn, Output.concat(bucket.arn, "/*")],
                "Principal": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "AccessLogsCheck",
                "Effect": "Allow",
                "Action": "s3:GetBucketAcl",
                "Resource": bucket.arn,
                "Principal": delivery,
                "Condition": {"StringEquals": own_account},
            },
            {
                "Sid": "AccessLogsWrite",
                "Effect": "Allow",
                "Action": "s3:PutObject",
                "Resource": Output.concat(bucket.arn, "/access-logs/*"),
                "Principal": delivery,
                "Condition": {"StringEquals": {**own_account, "s3:x-amz-acl": "bucket-owner-full-control"}},
            },
        ]
    )
