"""Both engines on one experiment; and a proxy before simulated providers, with a gateway, that run already."""

import asyncio
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.document import Document, document_of
from llmops.chaos.experiments.chaostoolkit.drill import release_all
from llmops.chaos.experiments.chaostoolkit.engine import Engine, Played
from llmops.chaos.experiments.chaostoolkit.journal import journal_of
from llmops.chaos.experiments.chaostoolkit.verdict import Verdict, judge
from llmops.chaos.experiments.loader import Source, experiment_of, parse
from llmops.chaos.experiments.processes import free_port
from llmops.chaos.experiments.redaction import redactor
from llmops.chaos.experiments.schema import Experiment

HERE = Path(__file__).parent
GATEWAY = HERE.parent / "tiny_gateway.py"
WITHOUT = "needs chaostoolkit-lib (a development dependency)"
Json = dict[str, Any]


def probe(func: str, tolerance: Any = None, name: str = "", **arguments: Any) -> Json:
    """A probe of a function of acts.py."""
    found = {"type": "probe", "name": name or f"probe {func}", "provider": _python(func, arguments)}
    return found if tolerance is None else {**found, "tolerance": tolerance}


def action(func: str, name: str = "", **arguments: Any) -> Json:
    return {"type": "action", "name": name or f"action {func}", "provider": _python(func, arguments)}


def _python(func: str, arguments: Json) -> Json:
    return {"type": "python", "module": "acts", "func": func, "arguments": arguments}


def experiment(
    *method: Json, hypothesis: list[Json] | None = None, rollbacks: list[Json] | None = None, **more: Any
) -> Json:
    """An experiment; its hypothesis is met unless another is given."""
    probes = [probe("give", 1, "steady")] if hypothesis is None else hypothesis
    state = {"steady-state-hypothesis": {"title": "steady", "probes": probes}} if probes else {}
    return {"title": "t", "description": "d", **state, "method": [*method], "rollbacks": rollbacks or [], **more}


@pytest.fixture
def build() -> SimpleNamespace:
    """`probe`, `action` and `experiment`: their builders."""
    return SimpleNamespace(probe=probe, action=action, experiment=experiment)


@dataclass(frozen=True)
class Ours:
    """A run by our engine."""

    played: Played
    verdict: Verdict
    journal: Json


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module acts, fresh."""
    monkeypatch.syspath_prepend(str(HERE))
    sys.modules.pop("acts", None)
    yield importlib.import_module("acts")
    sys.modules.pop("acts", None)


@pytest.fixture
def document(acts: Any) -> Callable[..., Document]:  # noqa: ARG001 - its functions are called
    def read(data: Json, environment: Mapping[str, str] | None = None) -> Document:
        return document_of(data, Source("file.yaml"), environment or {})

    return read


@pytest.fixture
def ours(document: Callable[..., Document]) -> Callable[..., Ours]:
    """`ours(experiment)`: played here."""

    def play(data: Json, environment: Mapping[str, str] | None = None) -> Ours:
        read = document(data, environment)
        played = asyncio.run(Engine(read).run())
        verdict = judge(played)
        return Ours(played, verdict, journal_of(data, played, verdict, redact=redactor(read.values.secret_texts)))

    return play


@pytest.fixture
def theirs(tmp_path: Path) -> Callable[..., Json]:
    """`theirs(experiment)`: the journal of Chaos Toolkit's own library; skipped where it is absent."""
    if importlib.util.find_spec("chaoslib") is None:
        pytest.skip(WITHOUT)

    def play(data: Json, environment: Mapping[str, str] | None = None) -> Json:
        file = tmp_path / "theirs.json"
        file.write_text(json.dumps(data), encoding="utf-8")
        env = {**os.environ, "PYTHONPATH": str(HERE), **(environment or {})}
        command = [sys.executable, str(HERE / "theirs.py"), str(file)]
        ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=100, check=False)
        assert ran.returncode == 0, ran.stderr[-2000:]
        journal: Json = json.loads(ran.stdout)
        return journal

    return play


# --- a proxy, providers and a system that run already


@dataclass(frozen=True)
class Standing:
    """Where they are."""

    control: str
    journal: Path
    system: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LLMOPS_CONTROL": self.control,
            "LLMOPS_JOURNAL": str(self.journal),
            "LLMOPS_SYSTEM_URL": self.system,
        }

    def active(self) -> list[tuple[str, str]]:
        """Every fault that is on: provider and name."""
        with urllib.request.urlopen(f"{self.control}/proxies", timeout=5) as answer:  # noqa: S310 - it is http
            proxies = json.load(answer)
        return [(name, toxic["name"]) for name, each in proxies.items() for toxic in each["toxics"]]

    def reset(self) -> None:
        request = urllib.request.Request(f"{self.control}/reset", method="POST")  # noqa: S310 - it is http
        urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - the same


@contextmanager
def child(*command: str, lines: int = 0) -> Iterator[list[str]]:
    """A process, and the first lines that it prints."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield [process.stdout.readline().strip() for _ in range(lines)]
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("standing")
    with ExitStack() as stack:
        urls = {name: stack.enter_context(child(*_provider("gpt-4o"), lines=1))[0] for name in ("primary", "backup")}
        config = folder / "llmops.yaml"
        providers = {name: {"upstream": url} for name, url in urls.items()}
        section = {"control": "127.0.0.1:0", "journal": str(folder / "proxy.jsonl"), "providers": providers}
        config.write_text(json.dumps({"chaos": section}), encoding="utf-8")
        told = stack.enter_context(child("-m", "llmops", "chaos", "proxy", "--config", str(config), lines=3))
        at = dict(re.split(r"\s+", line, maxsplit=1) for line in told)
        port = free_port()
        stack.enter_context(child(str(GATEWAY), str(port), at["primary"], at["backup"]))
        _await(f"http://127.0.0.1:{port}/health")
        yield Standing(at["control"], folder / "proxy.jsonl", f"http://127.0.0.1:{port}/v1")


def _provider(model: str) -> list[str]:
    return ["-m", "llmops", "chaos", "provider", "openai", "--seed", "7", "--model", model]


def _await(url: str) -> None:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - it is http
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"{url} does not answer")


TINY = """\
schema_version: 1
name: tiny
seed: 7
system: {url: http://127.0.0.1:4000/v1}
providers:
  primary: {simulate: openai, models: [gpt-4o], port: 9101}
  backup: {simulate: openai, models: [gpt-4o], port: 9102}
load: {requests_per_second: 100, model: gpt-4o, deadline_s: 5}
baseline: {requests: 40}
phases:
  - name: broken
    requests: 40
    faults:
      - {provider: primary, fault: unavailable}
recovery: {requests: 40}
expectations:
  - functional_success: {at_least: 0.9}
  - fallback_used
"""


@pytest.fixture
def tiny() -> Callable[..., tuple[Experiment, Source]]:
    """`tiny(("old", "new"), …)`: a small experiment of ours, with texts replaced."""

    def read(*changes: tuple[str, str]) -> tuple[Experiment, Source]:
        text = TINY
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        data, source = parse(text, "tiny.yaml")
        return experiment_of(data, source), source

    return read


@pytest.fixture
def standing(running: Standing, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standing]:
    """A proxy without faults, whose addresses the environment tells."""
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    running.reset()
    yield running
    release_all()
    running.reset()
