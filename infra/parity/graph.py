"""The graph of a Pulumi program: what it registered, in plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Node:
    """One registration. A component has no Terraform `kind`."""

    urn: str
    type: str
    name: str
    kind: str | None
    parent: str
    inputs: Mapping[str, Any]
    dependencies: Sequence[str]
    ignore_changes: Sequence[str]

    @property
    def address(self) -> str:
        return f"{self.kind}.{self.name}"


@dataclass(frozen=True)
class Call:
    """One question to the provider: a data source."""

    name: str
    kind: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Graph:
    """All of a program."""

    nodes: Sequence[Node]
    calls: Sequence[Call]
    outputs: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Graph":
        return cls(
            nodes=[Node(**node) for node in told["nodes"]],
            calls=[Call(**call) for call in told["calls"]],
            outputs=told["outputs"],
        )

    def resources(self) -> list[Node]:
        return [node for node in self.nodes if node.kind is not None]
