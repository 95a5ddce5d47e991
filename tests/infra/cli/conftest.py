"""The commands of `llmops infra` in this process."""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parents[1]


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


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cold fallback `fb` on moto, with the faults of moto that matter here mended."""
    for library in ("moto", "boto3"):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    from moto import mock_aws
    from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup

    from llmops.infra.cloud import Cloud

    for patched in (AutoScalingBackend, FakeAutoScalingGroup):
        monkeypatch.setattr(patched, "set_desired_capacity", patched.set_desired_capacity)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "dummy")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    load(HERE / "apply" / "moto_server.py").deregistered()
    with mock_aws():
        cloud = Cloud("us-east-1")
        load(HERE / "test_awake.py").make_group(cloud, cloud.ec2)
        yield cloud
