"""Whole runs, all at once: a gateway behind real proxies before simulated providers, each a process of its own."""

import asyncio
import base64
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.assembly import evidence_of
from llmops.chaos.experiments.evidence import Evidence
from llmops.chaos.experiments.loader import experiment_of, parse
from llmops.chaos.experiments.plan import Plan, plan_of
from llmops.chaos.experiments.session import Session
from llmops.chaos.experiments.verdict import ScenarioVerdict, judge

pytestmark = [
    pytest.mark.xdist_group("whole experiments"),  # they share their runs
    pytest.mark.timeout(300),  # ten whole runs, on a machine that does other things too
]
SECRET = "hunter22-of-the-system"  # noqa: S105 - of this test
FAULT = "fault: unavailable"
ENDED = {"baseline": 40, "broken": 40, "recovery": 40}
SAYS = (
    "import base64, os, time; key = os.environ['MY_KEY']; print('key', key, {'api_key': key, 'x': 1}); "
    "print(base64.b64encode(('me:' + key).encode()).decode(), 'http://me:pass@host/'); time.sleep(60)"
)
NOT_READY = f"""["{sys.executable}", "-c", "{SAYS}"]"""

CHANGES: dict[str, list[tuple[str, str]]] = {
    "rescues": [("seed: 7", "seed: 7\nrepetitions: 2")],
    "launders": [
        (FAULT, "fault: clean_end_mid_answer"),
        ('"]', '", "--launder"]'),
        ("- functional_success: {at_least: 0.9}", "- laundered"),
    ],
    "below-http": [(FAULT, "fault: refused"), ("requests: 40\n    faults", "requests: 100\n    faults")],
    "certificates": [
        (FAULT, "fault: expired_certificate"),
        ("requests: 40\n    faults", "requests: 100\n    faults"),
        ("primary: {", "primary: {tls: true, "),
        ("  base_path: /v1", "  base_path: /v1\n  env: {SSL_CERT_FILE: '{authority}'}"),
    ],
    "placebo": [(f"faults:\n      - provider: primary\n        {FAULT}", "faults: []")],
    "aborts": [
        ('"{{backup.base_url}}"', '"http://127.0.0.1:9/v1"'),
        ("expectations:", "abort: [{functional_success_below: 0.5, over_requests: 10}]\nexpectations:"),
    ],
    "never-met": [(FAULT, "fault: unavailable\n        scope: {routes: [anthropic_messages]}")],
    "dies": [('"]', '", "--mortal"]')],
    "dies-late": [('"]', '", "--dies-after=120"]')],
    "dies-early": [('"]', '", "--dies-after=20"]')],
    "upper-case": [('"]', '", "--shout"]')],
    "unhealthy": [('"{primary.base_url}", "{backup.base_url}"', '"http://127.0.0.1:9/v1"')],
    "never-ready": [
        ("timeout_s: 20", "timeout_s: 1.5"),
        ("  base_path: /v1", f"  base_path: /v1\n  env: {{MY_KEY: {SECRET}}}"),
    ],
}


@dataclass(frozen=True)
class Told:
    """One run, and what was made of it."""

    plan: Plan
    folder: Path
    evidence: Evidence
    verdict: ScenarioVerdict

    def steps(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()]


def plan(text: str, name: str) -> Plan:
    text = text.replace("name: tiny", f"name: {name}")
    for old, new in CHANGES[name]:
        assert old.replace("{{", "{").replace("}}", "}") in text, (name, old)
        text = text.replace(old.replace("{{", "{").replace("}}", "}"), new)
    if name == "never-ready":
        text = "\n".join(f"  command: {NOT_READY}" if "command:" in line else line for line in text.splitlines())
    data, source = parse(text, f"{name}.yaml")
    return plan_of(experiment_of(data, source), source)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, experiment_text: str) -> dict[str, Told]:
    folder = tmp_path_factory.mktemp("runs")
    plans = [plan(experiment_text, name) for name in CHANGES]
    session = Session(folder, "test", parallel=3)
    left = asyncio.run(session.run(plans))
    told = {}
    for one, each in zip(plans, left, strict=True):
        where = session.folder_of(one, plans)
        evidence = evidence_of(one, each, where / "proxy.jsonl")
        told[one.experiment.name] = Told(one, where, evidence, judge(evidence, one.expectations))
    return told


def phases(evidence: Evidence) -> Counter[str]:
    return Counter(request.phase for request in evidence.requests)


def test_a_gateway_that_rescues_passes_and_each_repetition_has_a_fresh_one(ran: dict[str, Told]) -> None:
    told = ran["rescues"]
    assert told.verdict.word == "PASS", told.verdict.reason
    assert told.verdict.outcomes == {"rescued": 80}
    assert phases(told.evidence) == {name: 2 * count for name, count in ENDED.items()}
    bases = [step["base_url"] for step in told.steps() if step["what"] == "system ready"]
    assert len(set(bases)) == 2


def test_every_request_is_followed_to_its_attempts(ran: dict[str, Told]) -> None:
    evidence = ran["rescues"].evidence
    assert Counter(
        (request.phase, tuple(attempt.provider for attempt in request.attempts)) for request in evidence.requests
    ) == {
        ("baseline", ("primary",)): 80,
        ("broken", ("primary", "backup")): 80,
        ("recovery", ("primary",)): 80,
    }
    assert not evidence.unattributed
    assert sum(receipt.applied for receipt in evidence.receipts) == 80


def test_a_fault_was_on_between_being_read_back_and_being_cleared(ran: dict[str, Told]) -> None:
    for phase in ran["rescues"].evidence.phases:
        for injection in phase.injections:
            assert injection.on_at is not None
            assert injection.off_at is not None
            assert phase.began_at <= injection.on_at < injection.off_at <= phase.ended_at


def test_a_gateway_that_launders_fails(ran: dict[str, Told]) -> None:
    assert ran["launders"].verdict.word == "FAIL", ran["launders"].verdict.reason
    assert ran["launders"].verdict.outcomes == {"laundered": 40}


def test_a_fault_below_http_is_seen_by_probes(ran: dict[str, Told]) -> None:
    told = ran["below-http"]
    assert told.verdict.word == "PASS", told.verdict.reason
    assert {(probe.held, probe.saw) for probe in told.evidence.state_probes} == {(True, "refused")}


def test_behind_tls_all_is_well_until_the_certificate_is_not(ran: dict[str, Told]) -> None:
    told = ran["certificates"]
    assert told.verdict.word == "PASS", told.verdict.reason
    assert {probe.saw for probe in told.evidence.state_probes} == {"certificate refused: certificate has expired"}


def test_a_placebo_passes(ran: dict[str, Told]) -> None:
    assert ran["placebo"].verdict.word == "PASS", ran["placebo"].verdict.reason
    assert not ran["placebo"].evidence.receipts


def test_an_abort_condition_stops_the_run_and_ends_the_fault(ran: dict[str, Told]) -> None:
    told = ran["aborts"]
    assert told.verdict.word == "INVALID"
    assert "broken: 0 of the last 10 requests succeeded" in told.verdict.reason
    assert phases(told.evidence)["broken"] < 40
    assert phases(told.evidence)["recovery"] == 0
    lines = [json.loads(line) for line in (told.folder / "proxy.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "injection off" in {line.get("what") for line in lines}


def test_a_fault_that_the_load_never_meets_proves_nothing(ran: dict[str, Told]) -> None:
    told = ran["never-met"]
    assert told.verdict.word == "INVALID"
    assert "never fired" in told.verdict.reason


def test_how_a_system_died_is_told_and_it_is_judged_all_the_same(ran: dict[str, Told]) -> None:
    told = ran["dies"]
    assert told.verdict.word == "FAIL", told.verdict.reason
    assert told.evidence.system_ended == "with exit code 9 in broken: could not bear 503"
    assert phases(told.evidence) == ENDED


def test_a_system_that_dies_of_the_last_request_of_its_recovery_does_not_pass(ran: dict[str, Told]) -> None:
    told = ran["dies-late"]
    assert told.verdict.outcomes == {"rescued": 40}
    assert told.verdict.word == "INVALID", told.verdict.reason
    assert told.verdict.reason == "system ended: with exit code 7 in recovery: it said nothing"


def test_how_a_system_died_in_the_baseline_is_told_with_it(ran: dict[str, Told]) -> None:
    told = ran["dies-early"]
    assert told.verdict.word == "INVALID"
    assert told.verdict.reason.endswith("; the system ended with exit code 7 in baseline: it said nothing")


def test_an_unhealthy_baseline_breaks_nothing(ran: dict[str, Told]) -> None:
    told = ran["unhealthy"]
    assert told.verdict.word == "INVALID"
    assert told.verdict.reason.startswith("providers not reached: of 40 requests none reached a proxy, most were answ")
    because = "the baseline is not healthy: 0 of 40 answers were whole; the first other one: clean error: status 502"
    assert because in told.verdict.invalid[1].text
    assert [phase.name for phase in told.evidence.phases] == ["baseline"]
    assert not told.evidence.receipts


def test_an_unhealthy_baseline_names_what_was_wrong_with_its_answers(ran: dict[str, Told]) -> None:
    told = ran["upper-case"]
    assert "; the first other one: masked error: another text than the true one, of " in told.verdict.reason
    assert told.verdict.reason.startswith("broke off: the baseline is not healthy: 0 of 40 answers were whole")


def test_a_system_that_is_never_ready_is_invalid_with_its_last_output_redacted(ran: dict[str, Told]) -> None:
    told = ran["never-ready"]
    assert told.verdict.word == "INVALID"
    said = "key [redacted] {'api_key': '[redacted]', 'x': 1}\n[redacted] http://me:[redacted]@host/"
    assert f"the system was not ready after 1.5 s: {said}" in told.verdict.reason
    journal = (told.folder / "journal.jsonl").read_text(encoding="utf-8")
    for secret in (SECRET, "pass@", base64.b64encode(SECRET.encode()).decode()[4:12]):
        assert secret not in journal


def test_experiments_at_once_have_folders_and_ports_of_their_own(ran: dict[str, Told]) -> None:
    ready = [step for told in ran.values() for step in told.steps() if step["what"] == "proxy ready"]
    addresses = [step[name] for step in ready for name in ("primary", "backup", "control")]
    assert len(set(addresses)) == len(addresses) == 3 * len(CHANGES)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks /proc for children")
def test_no_child_process_stays(ran: dict[str, Told]) -> None:
    assert ran
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children]
    assert not [command for command in commands if b"minder" in command]
