"""A captured program as Terraform JSON, so that the real AWS provider validates, plans and applies it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmops.errors import BadInput
from llmops.infra.parity.graph import Graph, Node
from llmops.infra.parity.markers import expression
from llmops.infra.parity.names import argument
from llmops.infra.parity.schema import PROVIDER_VERSION, Level, level


def as_terraform(graph: Graph, provider: Mapping[str, Any]) -> dict[str, Any]:
    """The whole program; `provider` is the configuration of the AWS provider."""
    resources: dict[str, dict[str, Any]] = {}
    addresses = {node.urn: node.address for node in graph.resources()}
    for node in graph.resources():
        of_kind = resources.setdefault(str(node.kind), {})
        if node.name in of_kind:
            raise BadInput(f"two resources are {node.address}", hint="each needs a name of its own")
        of_kind[node.name] = _resource(node, addresses)
    data: dict[str, dict[str, Any]] = {}
    for call in graph.calls:
        data.setdefault(call.kind, {})[call.name] = _arguments(call.kind, "data", call.arguments)
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}},
        "provider": {"aws": dict(provider)},
        **({"data": data} if data else {}),
        "resource": resources,
        "output": {name: {"value": _value(value)} for name, value in graph.outputs.items()},
    }


def write_terraform(graph: Graph, folder: Path, provider: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_terraform(graph, provider), indent=1)
    (folder / "main.tf.json").write_text(text, encoding="utf-8")


def _resource(node: Node, addresses: Mapping[str, str]) -> dict[str, Any]:
    written = _arguments(str(node.kind), "resources", node.inputs)
    before = sorted({addresses[urn] for urn in node.dependencies if urn in addresses})
    if before:
        written["depends_on"] = before
    if node.ignore_changes:
        told = _known(str(node.kind), "resources")
        names = [argument(str(node.kind), "", told, prop) for prop in node.ignore_changes]
        written["lifecycle"] = {"ignore_changes": names}
    return written


def _arguments(kind: str, section: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return _block(kind, "", _known(kind, section), given)


def _known(kind: str, section: str) -> Level:
    told = level(kind, section)
    if told is None:
        raise BadInput(f"{kind} is not in the reduced schema", hint="make it anew from the provider")
    return told


def _block(kind: str, path: str, told: Level, given: Mapping[str, Any]) -> dict[str, Any]:
    written = {}
    for prop, value in given.items():
        if value is None:
            continue
        name = argument(kind, path, told, prop)
        inner = told.block(name)
        if inner is None:
            written[name] = _value(value)
        else:
            blocks = value if isinstance(value, list) else [value]
            written[name] = [_block(kind, f"{path}{prop}.", inner, it) for it in blocks]
    return written


def _value(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return expression(value)
    if isinstance(value, list):
        return [_value(it) for it in value]
    if isinstance(value, Mapping):
        return {key: _value(it) for key, it in value.items()}
    return value
