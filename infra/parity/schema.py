"""What the AWS provider knows of each type of resource: reduced from `terraform providers schema -json`."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

BUNDLED = Path(__file__).parent / "aws_schema.json"
PROVIDER = "registry.terraform.io/hashicorp/aws"
PROVIDER_VERSION = "5.100.0"


@dataclass(frozen=True)
class Level:
    """The arguments of one block: attributes, and blocks with levels of their own."""

    told: dict[str, Any]

    @property
    def names(self) -> set[str]:
        return {*self.told["attributes"], *self.told["blocks"]}

    def block(self, name: str) -> "Level | None":
        inner = self.told["blocks"].get(name)
        return None if inner is None else Level(inner)

    def kind(self, name: str) -> Any:  # noqa: ANN401 - Terraform's type: a word, or a list such as ["map", "string"]
        return self.told["attributes"][name]["type"]

    def computed_scalars(self) -> list[str]:
        """What the cloud fills in, as far as it is one value."""
        attributes = self.told["attributes"].items()
        return [name for name, it in attributes if it.get("computed") and isinstance(it["type"], str)]


@cache
def bundled() -> dict[str, Any]:
    """The reduced schema that ships with llmops: the types that the fallback uses."""
    loaded: dict[str, Any] = json.loads(BUNDLED.read_text(encoding="utf-8"))
    return loaded


def level(kind: str, section: str = "resources") -> Level | None:
    """The outermost level of a type; None where the reduced schema lacks it."""
    told = bundled()[section].get(kind)
    return None if told is None else Level(told)


def reduced(full: dict[str, Any], resources: Iterable[str], data: Iterable[str]) -> dict[str, Any]:
    """Of the whole schema, these types and only what the translation asks for."""
    provider = full["provider_schemas"][PROVIDER]
    return {
        "provider": PROVIDER_VERSION,
        "resources": {name: _level(provider["resource_schemas"][name]["block"]) for name in sorted(resources)},
        "data": {name: _level(provider["data_source_schemas"][name]["block"]) for name in sorted(data)},
    }


def _level(block: dict[str, Any]) -> dict[str, Any]:
    return {
        "attributes": {
            name: {"type": it["type"], **({"computed": True} if it.get("computed") else {})}
            for name, it in block.get("attributes", {}).items()
        },
        "blocks": {name: _level(it["block"]) for name, it in block.get("block_types", {}).items()},
    }


def written(schema: dict[str, Any]) -> str:
    """As JSON, one type a line, so that a change of the provider reads as a change of lines."""
    parts = [f'"provider": {json.dumps(schema["provider"])}']
    for section in ("resources", "data"):
        lines = (f"  {json.dumps(name)}: {json.dumps(told)}" for name, told in schema[section].items())
        parts.append(f'"{section}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
