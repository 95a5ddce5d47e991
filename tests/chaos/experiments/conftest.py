"""Experiments as texts, for tests that change one thing of them."""

import sys
from pathlib import Path
from typing import Any

import pytest

GATEWAY = Path(__file__).with_name("tiny_gateway.py")
EXPERIMENT = f"""\
schema_version: 1
name: tiny
seed: 7
system:
  command: ["{sys.executable}", "{GATEWAY}", "{{port}}", "{{primary.base_url}}", "{{backup.base_url}}"]
  base_path: /v1
  ready: {{path: /health, timeout_s: 20}}
providers:
  primary: {{simulate: openai, models: [gpt-4o]}}
  backup: {{simulate: openai, models: [gpt-4o]}}
load: {{requests_per_second: 100, model: gpt-4o, deadline_s: 5}}
baseline: {{requests: 40}}
phases:
  - name: broken
    requests: 40
    faults:
      - provider: primary
        fault: unavailable
recovery: {{requests: 40}}
expectations:
  - functional_success: {{at_least: 0.9}}
"""


@pytest.fixture
def experiment_file(tmp_path: Path) -> Any:
    """`experiment_file(("old", "new"), …, name="tiny")`: a file of the tiny experiment, with texts replaced."""

    def write(*changes: tuple[str, str], name: str = "tiny") -> Path:
        text = EXPERIMENT.replace("name: tiny", f"name: {name}")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
