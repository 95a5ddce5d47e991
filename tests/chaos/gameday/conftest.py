"""A plan as a file, for tests that change one thing of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

PLAN = """\
schema_version: 1
name: tiny
seed: 7
system: {known: gateway}
providers:
  primary: {simulate: openai, models: [gpt-4o]}
  backup: {simulate: openai, models: [gpt-4o-mini]}
load: {requests_per_second: 10, model: gpt-4o, deadline_s: 5}
baseline: {requests: 60}
phases:
  - name: broken
    duration_s: 20
    faults:
      - {provider: primary, fault: unavailable}
recovery: {requests: 60}
expectations:
  - functional_success: {at_least: 0.9}
gameday:
  goal: The backup takes over.
  duration_s: 60
  hypotheses:
    - {name: backup-answers, says: All is well., check: {functional_success: {at_least: 0.9}}, phases: [broken]}
    - {name: nobody-waits, says: No request hangs., check: hang}
  roles: {commander: Ada}
  blast_radius: {says: Simulated callers only., request_ratio: {broken: 1.0}}
  notes: {broken: Watch the attempts., recovery: It closes again.}
  checklists: {before: [Tell support.], after: [Write it up.]}
  communication: {channels: ["#gameday"], tell: [{who: support, when: before the start}]}
  safety:
    error_budget: {target_ratio: 0.99, window_days: 30, expected_failed_ratio: {broken: 0.05}}
    abort_when: {burn_over_expected: 2.0, functional_success_below: 0.5, usd_over: 5}
    canary: {lease_s: 5}
  blind: false
  detector: {window_s: 10}
"""


@pytest.fixture
def plan_file(tmp_path: Path) -> Callable[..., Path]:
    """`plan_file(("old", "new"), …, name="tiny")`: a file of the tiny plan, with texts replaced."""

    def write(*changes: tuple[str, str], name: str = "tiny") -> Path:
        text = PLAN
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
