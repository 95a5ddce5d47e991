"""How a component makes its resources: named after it, tagged, its children."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pulumi import Output, Resource, ResourceOptions

from llmops.infra.spec import FallbackSpec

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True)
class Place:
    """Where it stands: asked of the provider, so each an output."""

    account: Output[str]
    partition: Output[str]
    region: Output[str]


@dataclass(frozen=True)
class Maker:
    """Makes the resources of one fallback. A logical name is the component's and, after a dash, Terraform's own."""

    spec: FallbackSpec
    place: Place
    parent: Resource

    def __call__(
        self,
        kind: Callable[..., R],
        local_name: str,
        /,
        *,
        depends_on: Sequence[Resource] = (),
        ignore_changes: Sequence[str] = (),
        **arguments: Any,  # noqa: ANN401 - each kind of resource has its own; a wrong one is a TypeError
    ) -> R:
        options = ResourceOptions(
            parent=self.parent, depends_on=list(depends_on) or None, ignore_changes=list(ignore_changes) or None
        )
        return kind(f"{self.spec.name}-{local_name}", opts=options, **arguments)

    def tags(self, name: str | None = None) -> dict[str, str]:
        """The tags of everything, and a Name where it has one; those of the spec cannot replace ours."""
        own = {"Stack": self.spec.name, "ManagedBy": "llmops"}
        return {**self.spec.tags, **own, **({"Name": name} if name else {})}


def service_trust(service: str, condition: Mapping[str, Any] | None = None) -> Output[str]:
    """The policy that lets a service of AWS take a role."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return policy([statement | ({"Condition": condition} if condition else {})])


def policy(statements: Sequence[Mapping[str, Any]]) -> Output[str]:
    """A policy document as JSON; its parts may be outputs."""
    return Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})
