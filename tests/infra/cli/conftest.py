"""The commands of `llmops infra` in this process."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.out)
        return told


@pytest.fixture
def infra(llmops: Callable[..., Any]) -> Callable[..., Any]:
    """`infra("plan", …)` is `llmops infra plan …`, in an empty folder."""
    return lambda *arguments: llmops("infra", *arguments)


@pytest.fixture
def configured(inputs: dict[str, Any], tmp_path: Path) -> Callable[..., None]:
    """Writes llmops.yaml with a minimal fallback; keyword arguments change its inputs."""

    def write(**changed: Any) -> None:
        config = {"infra": {"region": "us-east-1", "fallback": {**inputs["minimal"], **changed}}}
        (tmp_path / "llmops.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")

    return write


@pytest.fixture
def nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A standard input that is no terminal."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
