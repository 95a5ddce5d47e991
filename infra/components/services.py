"""The services of AWS that a node calls, besides S3: without internet each needs an endpoint."""

# Image, secret, logs, metrics, its own hook, and Session Manager; S3 has a gateway of its own.
NEEDED_ENDPOINTS = (
    "autoscaling",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "kms",
    "logs",
    "monitoring",
    "secretsmanager",
    "ssm",
    "ssmmessages",
)
