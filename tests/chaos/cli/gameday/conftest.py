"""The plan that the commands are given."""

import pytest

PLAN = """\
schema_version: 1
name: day
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
  hypotheses:
    - {name: backup-answers, says: All is well., check: {functional_success: {at_least: 0.9}}}
  blast_radius: {says: Simulated callers only.}
  safety:
    error_budget: {target_ratio: 0.99}
    abort_when: {functional_success_below: 0.5, usd_over: 5}
"""


@pytest.fixture
def plan_text() -> str:
    """Of a game day named `day`, with one phase."""
    return PLAN
