"""Evidence made by hand: a run in which 40 requests meet a 503 of the primary, and the backup answers them all.

And an experiment as a file, for tests that change one thing of it.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.experiments.evidence import Attempt, Evidence, Injection, Phase, Receipt, UserRequest
from llmops.chaos.proxy.schedule import Schedule, Scope

ZERO = 1_790_000_000.0  # when the run begins
TRUTH = "Report 0badcafe: The quiet engine follows the warm river. End of report 0badcafe."
FAULT = Injection("primary", "outage", "unavailable", False, Schedule(), Scope(), ZERO + 9.9, ZERO + 50.0)
BASELINE = Phase("baseline", "baseline", ZERO, ZERO + 9.9, 20)
INJECT = Phase("outage", "inject", ZERO + 9.9, ZERO + 50.0, 40, injections=(FAULT,))
RECOVER = Phase("recovery", "recover", ZERO + 50.0, ZERO + 70.0, 20)
_calls = iter(range(1, 1_000_000))


def attempt(provider: str = "primary", at: float = 0.0, took: float = 0.1, **more: Any) -> Attempt:
    """A whole answer of this provider's model, `at` seconds into the run."""
    given: dict[str, Any] = {
        "call": next(_calls),
        "started_at": ZERO + at,
        "ended_at": ZERO + at + took,
        "route": "/v1/chat/completions",
        "dialect": "openai_chat",
        "model_asked": "gpt-4o",
        "model_answered": "gpt-4o" if provider == "primary" else "gpt-4o-mini",
        "model_served": "gpt-4o" if provider == "primary" else "gpt-4o-mini",
        "stream": True,
        "status": 200,
        "upstream_status": 200,
        "ended": "complete",
        "complete": True,
        "finish_reason": "stop",
        "text_characters": len(TRUTH),
        "input_uncached_tokens": 10,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 20,
    }
    return Attempt(provider, **{**given, **more})


def receipt(at: float = 0.0, *, applied: bool = True, call: int | None = None, **more: Any) -> Receipt:
    given: dict[str, Any] = {"provider": "primary", "injection": "outage", "fault": "unavailable"}
    return Receipt(**{**given, **more}, applied=applied, at=ZERO + at, call=call)


def refused(at: float = 0.0, status: int | None = 503, provider: str = "primary", **more: Any) -> Attempt:
    """An attempt that the fault answered."""
    details = more.pop("details", {"status": status, "error_kind": "unavailable"})
    fault, injection = more.pop("fault", "unavailable"), more.pop("injection", "outage")
    call = next(_calls)
    written = receipt(at, call=call, provider=provider, fault=fault, injection=injection, details=details)
    given: dict[str, Any] = {
        "call": call, "status": status, "upstream_status": None, "ended": "fault", "complete": False,
        "finish_reason": None, "text_characters": None, "model_answered": None, "model_served": None,
        "input_uncached_tokens": None, "output_tokens": None, "receipts": (written,), "took": 0.01,
    }  # fmt: skip
    return attempt(provider, at, **{**given, **more})


def request(id: str = "r1", at: float = 0.0, phase: str = "outage", took: float = 0.5, **more: Any) -> UserRequest:  # noqa: A002 - its name
    """A whole streamed answer, `at` seconds into the run."""
    given: dict[str, Any] = {
        "scheduled_at": ZERO + at,
        "sent_at": ZERO + at,
        "ended_at": ZERO + at + took,
        "deadline_s": 15.0,
        "dialect": "openai_chat",
        "path": "/v1/chat/completions",
        "body": b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Who are you?"}]}',
        "stream": True,
        "model_asked": "gpt-4o",
        "status": 200,
        "content_type": "text/event-stream",
        "answer_bytes": 4000,
        "text": TRUTH,
        "finish_reason": "stop",
        "terminated": True,
        "model_answered": "gpt-4o",
        "output_tokens": 20,
        "first_token_at": ZERO + at + 0.1,
        "truth": TRUTH,
    }
    return UserRequest(id, phase, **{**given, **more})


def rescued(number: int, at: float) -> UserRequest:
    attempts = (refused(at + 0.01), attempt("backup", at + 0.1, 0.3))
    return request(f"o{number}", at, model_answered="gpt-4o-mini", attempts=attempts)


def healthy(name: str, at: float, phase: str) -> UserRequest:
    return request(name, at, phase, attempts=(attempt(at=at + 0.01, took=0.4),))


def evidence(**more: Any) -> Evidence:
    """The whole run; its receipts are those of its attempts."""
    requests = (
        *(healthy(f"b{n}", 0.4 * n, "baseline") for n in range(20)),
        *(rescued(n, 10 + n) for n in range(40)),
        *(healthy(f"r{n}", 51 + 0.9 * n, "recovery") for n in range(20)),
    )
    given: dict[str, Any] = {
        "scenario": "outage",
        "providers": ("primary", "backup"),
        "allowed_models": frozenset({"gpt-4o", "gpt-4o-mini"}),
        "phases": (BASELINE, INJECT, RECOVER),
        "requests": requests,
    }
    given |= more
    found = tuple(r for one in given["requests"] for a in one.attempts for r in a.receipts)
    return Evidence(**{"receipts": found, **given})


def changed(
    run: Evidence, change: Callable[[UserRequest], UserRequest], phase: str = "outage", **more: Any
) -> Evidence:
    """The run with every request of a phase changed; receipts are those of its attempts then."""
    requests = tuple(change(one) if one.phase == phase else one for one in run.requests)
    found = tuple(r for one in requests for a in one.attempts for r in a.receipts)
    return replace(run, **{"requests": requests, "receipts": found, **more})


@pytest.fixture
def make() -> SimpleNamespace:
    """Builders of evidence; times are seconds into the run."""
    return SimpleNamespace(
        ZERO=ZERO, TRUTH=TRUTH, FAULT=FAULT, BASELINE=BASELINE, INJECT=INJECT, RECOVER=RECOVER,
        attempt=attempt, receipt=receipt, refused=refused, request=request, rescued=rescued, healthy=healthy,
        evidence=evidence, changed=changed,
    )  # fmt: skip


# --- an experiment as a file

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


@pytest.fixture(scope="session")
def experiment_text() -> str:
    """The text of the tiny experiment."""
    return EXPERIMENT


@pytest.fixture
def experiment_file(tmp_path: Path) -> Callable[..., Path]:
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
