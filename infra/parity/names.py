"""Names of Pulumi's AWS SDK as names of the Terraform provider."""

import re

from llmops.errors import BadInput
from llmops.infra.parity.schema import Level, bundled

# Modules of the SDK whose types have no module in their Terraform name.
WITHOUT_MODULE = {"index", "ec2", "ec2transitgateway", "ebs", "lb"}
TYPES = {"aws:lb/loadBalancer:LoadBalancer": "aws_lb"}
PROPERTIES = {
    ("aws_cloudwatch_metric_alarm", "name"): "alarm_name",
    ("aws_sns_topic_subscription", "topic"): "topic_arn",
}
ENDINGS = (("", ""), ("ies", "y"), ("es", ""), ("s", ""))  # plural in the SDK, singular in Terraform


def snake(name: str) -> str:
    """A name in camel case in snake case; digits stay with what is before them."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def resource_type(token: str) -> str:
    """The Terraform type of a token such as `aws:s3/bucketV2:BucketV2`. BadInput for one that is not AWS's."""
    if token in TYPES:
        return TYPES[token]
    return _type(token, "resources")


def data_type(token: str) -> str:
    """The Terraform data source of a function such as `aws:index/getRegion:getRegion`."""
    return _type(token, "data")


def _type(token: str, section: str) -> str:
    match = re.fullmatch(r"aws:(\w+)/\w+:(\w+)", token)
    if match is None:
        raise BadInput(f"{token} is not a type of the AWS provider", hint="the translation knows no other provider")
    module, name = (
        match[1].lower(),
        snake(match[2].removesuffix("V2")).removeprefix("get_" if section == "data" else ""),
    )
    candidates = [f"aws_{module}_{name}", *([f"aws_{name}"] if module in WITHOUT_MODULE else [])]
    for candidate in candidates:
        if candidate in bundled()[section]:
            return candidate
    raise BadInput(f"{token} has no type in the reduced schema", hint=f"tried: {', '.join(candidates)}")


def argument(kind: str, path: str, level: Level, prop: str) -> str:
    """The argument of a level that a property means. BadInput, with the path, where there is none."""
    name = PROPERTIES.get((kind, prop), snake(prop)) if not path else snake(prop)
    for plural, singular in ENDINGS:
        candidate = name.removesuffix(plural) + singular if name.endswith(plural) else None
        if candidate in level.names:
            return candidate
    raise BadInput(f"{kind} has no argument for the property {path}{prop}", hint="a typing error, or another provider")
