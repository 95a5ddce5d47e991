"""The form of a gate file."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.loader import parse
from llmops.chaos.gates.schema import SCOPES, GateFileForm, form_of
from llmops.errors import BadInput

ROOT = Path(__file__).parents[3]


def form(text: str) -> GateFileForm:
    return form_of(*parse(text, "g.yaml"))


def refused(text: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        form(text)
    return caught.value


def test_a_gate_is_an_expression_or_a_mapping() -> None:
    first, second = form(
        "gates:\n- laundered == 0\n- {expr: ttft_p95_s < 0.6, name: n, scope: {model: m}, level: warn,"
        " waiver: {owner: ann, reason: why, until: 2026-12-01}}"
    ).gates
    assert (first.expr, first.name, first.scope, first.level, first.waiver) == (
        "laundered == 0",
        None,
        {},
        "fail",
        None,
    )
    assert (second.name, second.scope, second.level) == ("n", {"model": "m"}, "warn")
    assert second.waiver is not None
    assert (second.waiver.owner, second.waiver.until) == ("ann", date(2026, 12, 1))


def test_a_waiver_is_in_force_on_its_last_day_and_lapses_after_it() -> None:
    waiver = form("gates: [{expr: x, waiver: {owner: a, reason: b, until: 2026-12-01}}]").gates[0].waiver
    assert waiver is not None
    days = [datetime(2026, 12, day, tzinfo=UTC).date() for day in (1, 2)]
    assert [waiver.is_in_force(day) for day in days] == [True, False]


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("24 h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("1.5 h", timedelta(minutes=90)),
        ("30 min", timedelta(minutes=30)),
        ("12 w", timedelta(weeks=12)),
    ],
)
def test_an_age_is_a_number_and_a_unit(text: str, age: timedelta) -> None:
    assert form(f"max_age: {text}\ngates: [x]").max_age == age


def test_scopes_that_yaml_takes_for_something_else_are_text() -> None:
    gate = form("gates: [{expr: x, scope: {day: 2026-11-25, bucket_s: 60, team: search}}]").gates[0]
    assert gate.scope == {"day": "2026-11-25", "bucket_s": "60", "tenant": "search"}


def test_a_worsening_of_a_tenth_or_of_two_points_is_tolerated_unless_said() -> None:
    tolerances = form("gates: [x]").baseline
    assert (tolerances.slower_ratio, tolerances.dearer_ratio, tolerances.worse_ratio) == (0.1, 0.1, 0.02)


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("{}", "g.yaml:1: the gate file has no 'gates'", "required"),
        ("gates: []", "g.yaml:1: there is no gate in it", ""),
        ("gates:", "g.yaml:1: gates", ""),
        ("gates: laundered == 0", "g.yaml:1: gates", ""),
        ("gates:\n- 3", "g.yaml:2: a gate is an expression", ""),
        ("gates:\n- [x]", "g.yaml:2: a gate is an expression", ""),
        ("gates:\n- ''", "g.yaml:2: gates.0.expr", ""),
        ("gates:\n- {name: x}", "g.yaml:2: this gate has no 'expr'", "required"),
        ("gates: [x]\nmax_agee: 7 d", "g.yaml:2: unknown key 'max_agee'", "'max_age'"),
        ("gates:\n- {expr: x, levle: warn}", "g.yaml:2: unknown key 'levle'", "'level'"),
        ("gates:\n- {expr: x, level: soft}", "g.yaml:2: gates.0.level", "found: 'soft'"),
        ("gates:\n- {expr: x, scope: gpt-4o}", "a scope is written as {model: gpt-4o}", ""),
        ("gates:\n- {expr: x, scope: {modle: a}}", "no metric is told apart by 'modle'; did you mean 'model'?", ""),
        ("gates:\n- {expr: x, scope: {model: ''}}", "gates.0.scope.model", ""),
        ("gates:\n- {expr: x, scope: {model: [a]}}", "gates.0.scope.model", ""),
        ("gates:\n- {expr: x, scope: {team: a, tenant: b}}", "team and tenant are the same", ""),
        ("gates:\n- expr: x\n  waiver: {reason: b, until: 2026-12-01}", "g.yaml:3: this waiver has no 'owner'", ""),
        ("gates:\n- expr: x\n  waiver: {owner: a, until: 2026-12-01}", "g.yaml:3: this waiver has no 'reason'", ""),
        ("gates:\n- expr: x\n  waiver: {owner: a, reason: b}", "g.yaml:3: this waiver has no 'until'", ""),
        ("gates:\n- expr: x\n  waiver: {owner: ' ', reason: b, until: 2026-12-01}", "gates.0.waiver.owner", ""),
        ("gates:\n- expr: x\n  waiver: {owner: a, reason: b, until: soon}", "g.yaml:3: gates.0.waiver.until", "'soon'"),
        ("gates: [x]\nmax_age: 7", "g.yaml:2: max_age: a time is a number and one of s, min, h, d, w", ""),
        ("gates: [x]\nmax_age: 7 moons", "a time is a number and one of", ""),
        ("gates: [x]\nmax_age: -7 d", "a time is a number and one of", ""),
        ("gates: [x]\nmax_age: 0 d", "that is no age", ""),
        ("gates: [x]\nmax_age: 99999999 w", "that is no age", ""),
        ("gates: [x]\nbaseline: {slower_ratio: -1}", "baseline.slower_ratio", "found: -1"),
        ("gates: [x]\nbaseline: {slower_ratio: .nan}", "baseline.slower_ratio", ""),
        ("gates: [x]\nbaseline: {slower: 1}", "unknown key 'slower'", "slower_ratio"),
        ("gates: [x]\nschema_version: 2", "g.yaml:2: schema_version", "found: 2"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(text: str, words: str, hint: str) -> None:
    error = refused(text)
    assert words in str(error)
    assert hint in error.hint


def test_every_scope_that_a_report_of_ours_has_can_be_named() -> None:
    """As the sources write them: a new one is added here, or no gate can ask for it."""
    from llmops.chaos.cli.latency import DIMENSIONS
    from llmops.costmodel.cli.bill import BY

    assert {*DIMENSIONS, *BY} - {"team"} <= {*SCOPES}


def test_it_knows_the_scopes_of_the_example_bill(llmops: Any) -> None:
    import json

    log = ROOT / "examples" / "litellm_spend_logs.jsonl.gz"
    report = json.loads(llmops("bill", log, "--by", "team", "--by", "day", "--format", "json").out)
    found = {name for metric in report["metrics"] for name in metric["scope"]}
    assert found == {"team", "day", "bucket_s"}
    assert found - {"team"} <= {*SCOPES}
