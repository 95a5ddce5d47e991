"""A moto server with the patches that README.md names; as a script, `moto_server.py mixed_policy …` prints its port."""

import sys
from collections.abc import Callable
from typing import Any


def mixed_policy() -> None:
    """An update that names no template keeps the mixed policy: the provider makes one after the initial hook."""
    from moto.autoscaling.models import FakeAutoScalingGroup

    update = FakeAutoScalingGroup.update

    def keeping(self: Any, *positional: Any, **named: Any) -> None:
        template = (named.get("launch_config_name"), named.get("launch_template"), named.get("mixed_instances_policy"))
        if self.mixed_instances_policy and not any(template):
            of_template = self.mixed_instances_policy["LaunchTemplate"]
            by_id = {**of_template["LaunchTemplateSpecification"]}
            by_id.pop("LaunchTemplateName", None)  # moto adds the name and refuses to be given both
            kept = {**of_template, "LaunchTemplateSpecification": by_id}
            named["mixed_instances_policy"] = {**self.mixed_instances_policy, "LaunchTemplate": kept}
        update(self, *positional, **named)

    FakeAutoScalingGroup.update = keeping  # type: ignore[method-assign]


def scaling_policy() -> None:
    """A scaling policy is enabled, and has no predictive part where none was given."""
    from moto.autoscaling.models import FakeScalingPolicy

    start = FakeScalingPolicy.__init__

    def enabled(self: Any, *positional: Any, **named: Any) -> None:
        start(self, *positional, **named)
        self.enabled = True
        self.predictive_scaling_configuration = self.predictive_scaling_configuration or None

    FakeScalingPolicy.__init__ = enabled  # type: ignore[method-assign]


def template_tags() -> None:
    """The tags of a launch template are not those of what it launches."""
    from moto.ec2.models.launch_templates import LaunchTemplateBackend

    create = LaunchTemplateBackend.create_launch_template

    def separate(self: Any, name: str, description: str, data: dict[str, Any], tag_spec: dict[str, Any]) -> Any:
        own = [it for it in data.get("TagSpecifications", []) if it["ResourceType"] != "launch-template"]
        rest = {key: value for key, value in data.items() if key != "TagSpecifications"}
        return create(self, name, description, {**rest, **({"TagSpecifications": own} if own else {})}, tag_spec)

    LaunchTemplateBackend.create_launch_template = separate  # type: ignore[method-assign,assignment]


def rule_description() -> None:
    """A rule that names another security group keeps its description."""
    from moto.ec2.models.security_groups import SecurityGroupRule

    def described(self: Any) -> str | None:
        return self.ip_range.get("Description") or (self.source_group or {}).get("Description")

    SecurityGroupRule.description = property(described)  # type: ignore[assignment,method-assign]


def deregistered() -> None:
    """An instance that goes is no target any longer."""
    from moto.autoscaling.models import FakeAutoScalingGroup

    resize = FakeAutoScalingGroup.set_desired_capacity

    def with_targets(self: Any, new_capacity: int | None) -> None:
        before = {state.instance.id for state in self.instance_states}
        resize(self, new_capacity)
        gone = before - {state.instance.id for state in self.instance_states}
        for arn in self.target_group_arns:
            self.autoscaling_backend.elbv2_backend.deregister_targets(arn, [{"Id": it} for it in gone])

    FakeAutoScalingGroup.set_desired_capacity = with_targets  # type: ignore[method-assign]


def bounded() -> None:
    """A desired capacity above the maximum or below the minimum is refused."""
    from moto.autoscaling.exceptions import ValidationError
    from moto.autoscaling.models import AutoScalingBackend

    resize = AutoScalingBackend.set_desired_capacity

    def within(self: Any, group_name: str, desired_capacity: int | None) -> None:
        group = self.autoscaling_groups.get(group_name)
        if group and desired_capacity is not None and not group.min_size <= desired_capacity <= group.max_size:
            side = "above max" if desired_capacity > group.max_size else "below min"
            value = group.max_size if desired_capacity > group.max_size else group.min_size
            raise ValidationError(
                f"New SetDesiredCapacity value {desired_capacity} is {side} value {value} for the AutoScalingGroup."
            )
        resize(self, group_name, desired_capacity)

    AutoScalingBackend.set_desired_capacity = within  # type: ignore[method-assign]


PATCHES: dict[str, Callable[[], None]] = {
    patch.__name__: patch
    for patch in (mixed_policy, scaling_policy, template_tags, rule_description, deregistered, bounded)
}


def main() -> None:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    for name in sys.argv[1:]:
        PATCHES[name]()
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.server_port, flush=True)  # noqa: T201 - whoever started it waits for the port
    server.serve_forever()


if __name__ == "__main__":
    main()
