"""The reduced schema is that of the provider."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llmops.infra.parity.schema import BUNDLED, PROVIDER_VERSION, Level, bundled, level, reduced, written
from llmops.infra.terraform_cli import Terraform

FULL: dict[str, Any] = {
    "provider_schemas": {
        "registry.terraform.io/hashicorp/aws": {
            "resource_schemas": {
                "aws_x": {
                    "block": {
                        "attributes": {
                            "id": {"type": "string", "computed": True, "description": "long"},
                            "tags": {"type": ["map", "string"], "optional": True},
                            "arns": {"type": ["list", "string"], "computed": True},
                        },
                        "block_types": {
                            "rule": {"nesting_mode": "list", "block": {"attributes": {"n": {"type": "number"}}}}
                        },
                    }
                },
                "aws_y": {"block": {}},
            },
            "data_source_schemas": {},
        }
    }
}


def test_only_what_the_translation_asks_for_is_kept() -> None:
    told = reduced(FULL, ["aws_x"], [])
    assert told == {
        "provider": "5.100.0",
        "resources": {
            "aws_x": {
                "attributes": {
                    "id": {"type": "string", "computed": True},
                    "tags": {"type": ["map", "string"]},
                    "arns": {"type": ["list", "string"], "computed": True},
                },
                "blocks": {"rule": {"attributes": {"n": {"type": "number"}}, "blocks": {}}},
            }
        },
        "data": {},
    }
    assert json.loads(written(told)) == told


def test_a_level_tells_names_kinds_and_what_the_cloud_fills_in() -> None:
    top = Level(reduced(FULL, ["aws_x"], [])["resources"]["aws_x"])
    assert top.names == {"id", "tags", "arns", "rule"}
    assert top.kind("tags") == ["map", "string"]
    assert top.computed_scalars() == ["id"]
    assert top.block("tags") is None
    assert level("aws_nothing") is None


def test_the_bundled_schema_is_that_of_the_provider(terraform: Callable[[Path], Terraform], tmp_path: Path) -> None:
    root = {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(root), encoding="utf-8")
    full = json.loads(terraform(tmp_path).run("providers", "schema", "-json"))
    expected = reduced(full, bundled()["resources"], bundled()["data"])
    assert BUNDLED.read_text(encoding="utf-8") == written(expected)
