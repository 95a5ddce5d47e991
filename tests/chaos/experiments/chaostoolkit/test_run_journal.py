"""Our own runs in the shape of Chaos Toolkit's journal."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from llmops.chaos.experiments.chaostoolkit.run_journal import run_journal
from llmops.chaos.experiments.evidence import Evidence
from llmops.chaos.experiments.expectations import expectations_of
from llmops.chaos.experiments.verdict import judge

Tiny = Callable[..., Any]
CHANGE = ("name: broken", "name: outage"), ("fault: unavailable}", "fault: unavailable, name: outage}")


def journal(tiny: Tiny, evidence: Evidence) -> dict[str, Any]:
    experiment, source = tiny(*CHANGE)
    verdict = judge(evidence, expectations_of(experiment, source))
    now = datetime(2026, 11, 25, tzinfo=UTC)
    found = run_journal(
        experiment, evidence, verdict, speed=1.0, redact=lambda text: text.replace("tiny", "***"), now=now
    )
    json.dumps(found)
    return found


def test_a_pass_is_completed_and_has_not_deviated(make: SimpleNamespace, tiny: Tiny) -> None:
    found = journal(tiny, make.evidence())
    assert (found["status"], found["deviated"], found["llmops"]["verdict"]) == ("completed", False, "PASS")
    assert found["duration"] == 70.0
    assert found["start"] == datetime.fromtimestamp(make.ZERO, UTC).isoformat()
    assert found["steady_states"]["before"]["steady_state_met"]
    assert found["steady_states"]["after"]["probes"][0]["output"]["outcomes"] == {"rescued": 40}
    assert [(each["activity"]["name"], each["status"]) for each in found["run"]] == [
        ("inject outage on primary (outage)", "succeeded"),
        ("send load (outage)", "succeeded"),
        ("clear outage on primary (outage)", "succeeded"),
    ]
    assert found["run"][1]["output"] == {"sent": 40, "whole": 40}


def test_a_fail_has_deviated(make: SimpleNamespace, tiny: Tiny) -> None:
    cut = make.changed(make.evidence(), lambda one: replace(one, text=one.text[:20]))
    found = journal(tiny, cut)
    assert (found["status"], found["deviated"], found["llmops"]["verdict"]) == ("completed", True, "FAIL")
    assert found["steady_states"]["after"]["probes"][0]["tolerance_met"] is False


def test_what_proves_nothing_is_failed_and_has_not_deviated(make: SimpleNamespace, tiny: Tiny) -> None:
    never = replace(make.INJECT, injections=(replace(make.FAULT, on_at=None, off_at=None),))
    found = journal(tiny, replace(make.evidence(), phases=(make.BASELINE, never, make.RECOVER)))
    assert (found["status"], found["deviated"], found["llmops"]["verdict"]) == ("failed", False, "INVALID")
    assert found["run"][0]["exception"] == ["it was never on"]
    assert found["run"][2]["exception"] == ["it was not seen to be off"]


def test_a_run_that_broke_off_has_no_state_after_it(tiny: Tiny) -> None:
    found = journal(tiny, Evidence("outage", ("primary",), frozenset({"gpt-4o"}), (), (), broke_off="never ready"))
    assert (found["status"], found["steady_states"]) == ("failed", {"before": None, "during": [], "after": None})
    assert found["run"] == []


def test_an_unhealthy_baseline_is_a_steady_state_not_met(make: SimpleNamespace, tiny: Tiny) -> None:
    sick = make.changed(make.evidence(), lambda one: replace(one, status=500, text=""), phase="baseline")
    assert journal(tiny, sick)["steady_states"]["before"]["steady_state_met"] is False


def test_baselines_of_further_repetitions_are_told(make: SimpleNamespace, tiny: Tiny) -> None:
    once = make.evidence()
    again = replace(make.BASELINE, repetition=2)
    assert len(journal(tiny, replace(once, phases=(*once.phases, again)))["steady_states"]["during"]) == 1


def test_it_is_redacted(make: SimpleNamespace, tiny: Tiny) -> None:
    assert "tiny" not in json.dumps(journal(tiny, make.evidence()))


def test_an_experiment_that_cannot_be_exported_has_a_journal_and_its_keys_are_not_in_it(
    make: SimpleNamespace, tiny: Tiny
) -> None:
    system = "system: {url: http://h/v1, headers: {authorization: Bearer hunter22-of-old}}"
    experiment, source = tiny(
        *CHANGE, ("system: {url: http://127.0.0.1:4000/v1}", system), ("seed: 7", "seed: 7\nrepetitions: 2")
    )
    verdict = judge(make.evidence(), expectations_of(experiment, source))
    now = datetime(2026, 11, 25, tzinfo=UTC)
    found = run_journal(experiment, make.evidence(), verdict, speed=1.0, redact=str, now=now)
    assert "hunter22" not in json.dumps(found)
