"""What is deployed, so that a drill can be of it: image, weights, machine image, template."""

from llmops.infra.awake import Group
from llmops.infra.cloud import Cloud, aws_errors

UNKNOWN_DIGEST = "unknown: pinned by tag"


def deployed(cloud: Cloud, group: Group) -> dict[str, str]:
    """By name, as the system of a report."""
    with aws_errors():
        found = cloud.ec2.describe_launch_template_versions(
            LaunchTemplateName=f"{group.name}-node", Versions=["$Latest"]
        )["LaunchTemplateVersions"]
    template = found[0] if found else {}
    image = group.tags.get("llmops:image", "unknown")
    return {
        "fallback": group.name,
        "mode": group.tags.get("llmops:mode", "unknown"),
        "model": group.tags.get("llmops:model", "unknown"),
        "weights_revision": group.tags.get("llmops:weights-revision", "unknown"),
        "image": image,
        "image_digest": image.partition("@")[2] or UNKNOWN_DIGEST,
        "ami_id": template.get("LaunchTemplateData", {}).get("ImageId", "unknown"),
        "launch_template_version": str(template.get("VersionNumber", "unknown")),
    }
