"""Real runs that passed, damaged in one way each: none may pass any more, and each says why.

`recorded/` holds two runs as they were left (`record_runs.py`): in one the first provider answers 503, in the other it
refuses connections; the second answers all. What is damaged is what was written down: the proxy's journal, the load's
records, the phases. test_verdict.py has more, on evidence made by hand; a hundred altogether.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.checks.base import make_check
from llmops.chaos.experiments.evidence import Evidence, Injection, Phase, StateProbe, UserRequest
from llmops.chaos.experiments.follow import follow
from llmops.chaos.experiments.verdict import Expectation, ScenarioVerdict, judge
from llmops.chaos.proxy.schedule import Schedule, Scope

FOLDER = Path(__file__).parent / "recorded"
HTTP, BELOW = "answered-503", "connections-refused"
EXPECTED: dict[str, dict[str, Any]] = {
    "functional_success": {},
    "success_ratio": {},
    "laundered": {},
    "masked_error": {},
    "hang": {},
    "wrong_model": {},
    "attempts": {"at_most": 3},
    "fallback_used": {"within_s": 2.0},
    "alive_afterwards": {"at_least": 0.8},
}
Run = dict[str, Any]
"""A run as JSON: journal, requests, phases, state_probes, and what was expected of it."""


@cache
def _text(name: str) -> bytes:
    return gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes())


def recorded(name: str) -> Run:
    """A run as it was left."""
    more = {"models": ["gpt-4o"], "providers": ["primary", "backup"], "expected": dict(EXPECTED), "broke_off": ""}
    return {**json.loads(_text(name)), **more}


def verdict_of(run: Run) -> ScenarioVerdict:
    requests = [UserRequest(**{**each, "body": each["body"].encode()}) for each in run["requests"]]
    followed = follow(requests, [run["journal"]])
    evidence = Evidence(
        scenario="recorded",
        providers=tuple(run["providers"]),
        allowed_models=frozenset(run["models"]),
        phases=tuple(map(_phase, run["phases"])),
        requests=followed.requests,
        receipts=followed.receipts,
        unattributed=followed.unattributed,
        probes=followed.probes,
        state_probes=tuple(StateProbe(**each) for each in run["state_probes"]),
        broke_off=run["broke_off"],
    )
    return judge(evidence, [Expectation(name, make_check(name, given)) for name, given in run["expected"].items()])


def _phase(data: dict[str, Any]) -> Phase:
    return Phase(**{**data, "injections": tuple(map(_injection, data.get("injections", ())))})


def _injection(data: dict[str, Any]) -> Injection:
    given = {"schedule": Schedule(**data.get("schedule", {})), "scope": Scope(**data.get("scope", {}))}
    return Injection(**{**data, **given})


# --- the parts that are damaged


def wires(run: Run) -> list[Any]:
    return [line for line in run["journal"] if line["kind"] == "wire"]


def receipts(run: Run) -> list[Any]:
    return [line for line in run["journal"] if line["kind"] == "receipt"]


def sent_in(run: Run, phase: str) -> list[Any]:
    return [each for each in run["requests"] if each["phase"] == phase]


def fault(run: Run) -> Any:
    return run["phases"][1]["injections"][0]


def without(run: Run, part: str, drop: Callable[[Any], bool]) -> None:
    run[part] = [each for each in run[part] if not drop(each)]


def later(line: Any, seconds: float) -> None:
    moved = datetime.fromisoformat(line["at"]) + timedelta(seconds=seconds)
    line["at"] = moved.isoformat(timespec="microseconds").replace("+00:00", "Z")


def is_(kind: str) -> Callable[[Any], bool]:
    return lambda line: line["kind"] == kind


def probe_line(run: Run, call: int) -> Any:
    """A `GET /v1/models` at the first provider, in the middle of the method."""
    wire = deepcopy(next(line for line in wires(run) if "-broken-20" in line["request_id"]))
    nothing = {"dialect": None, "request_id": None, "followed_by": None, "model_asked": None, "stream": None}
    return {**wire, **nothing, "provider": "primary", "call": call, "method": "GET", "route": "/v1/models"}


# --- sabotage


Damage = Callable[[Run], object]
SABOTAGE: dict[str, tuple[str, str, Damage]] = {}


def sabotage(code: str, of: str = HTTP) -> Callable[[Damage], Damage]:
    """Register a damage of this recording, and the reason that it must be given; none: a check says it."""

    def add(damage: Damage) -> Damage:
        name = getattr(damage, "__name__", "")
        assert name not in SABOTAGE, name
        SABOTAGE[name] = (of, code, damage)
        return damage

    return add


# the receipts


@sabotage("fault_not_as_planned")
def every_receipt_is_lost(run: Run) -> None:
    without(run, "journal", is_("receipt"))


@sabotage("fault_not_as_planned")
def every_other_receipt_is_lost(run: Run) -> None:
    lost = {id(line) for line in receipts(run)[::2]}
    without(run, "journal", lambda line: id(line) in lost)


@sabotage("fault_not_as_planned")
def all_receipts_but_one_are_lost(run: Run) -> None:
    lost = {id(line) for line in receipts(run)[1:]}
    without(run, "journal", lambda line: id(line) in lost)


@sabotage("fault_not_as_planned")
def receipts_are_of_probe_traffic_only(run: Run) -> None:
    for number, line in enumerate(receipts(run)):
        line |= {"call": 9000 + number, "request_id": None}
        run["journal"].append(probe_line(run, 9000 + number))


@sabotage("fault_not_as_planned")
def receipts_are_of_calls_that_nobody_made(run: Run) -> None:
    for line in receipts(run):
        line["call"] += 1000


@sabotage("fault_not_as_planned")
def receipts_are_of_another_injection(run: Run) -> None:
    for line in receipts(run):
        line["injection"] = "another"


@sabotage("fault_not_as_planned")
def receipts_are_of_another_provider(run: Run) -> None:
    for line in receipts(run):
        line["provider"] = "backup"


@sabotage("fault_not_as_planned")
def receipts_say_that_the_fault_was_not_applied(run: Run) -> None:
    for line in receipts(run):
        line |= {"applied": False, "reason": "the answer is no stream"}


@sabotage("fault_not_as_planned")
def receipts_are_of_the_day_before(run: Run) -> None:
    for line in receipts(run):
        later(line, -86400)


@sabotage("baseline_unhealthy")
def receipts_are_of_calls_of_the_baseline(run: Run) -> None:
    for number, line in enumerate(receipts(run)):
        line["call"] = 1 + number % 20


@sabotage("baseline_unhealthy")
def one_receipt_is_of_the_baseline_too(run: Run) -> None:
    run["journal"].append({**receipts(run)[0], "call": 3})


@sabotage("fault_stayed")
def receipts_go_on_in_the_recovery(run: Run) -> None:
    calls = [line["call"] for line in wires(run) if "-recovery-" in line["request_id"]]
    run["journal"] += [{**receipts(run)[-1], "call": call} for call in calls]


@sabotage("fault_stayed")
def the_fault_was_off_when_it_was_applied(run: Run) -> None:
    fault(run)["off_at"] = fault(run)["on_at"] + 0.2


# the wire records


@sabotage("providers_not_reached")
def the_journal_is_empty(run: Run) -> None:
    run["journal"] = []


@sabotage("providers_not_reached")
def no_wire_record_was_written(run: Run) -> None:
    without(run, "journal", is_("wire"))


@sabotage("providers_not_reached")
def nothing_but_probes_came_by(run: Run) -> None:
    for line in wires(run):
        line["dialect"] = None


@sabotage("baseline_unhealthy")
def the_journal_begins_after_the_baseline(run: Run) -> None:
    without(run, "journal", lambda line: is_("wire")(line) and "-baseline-" in line["request_id"])


@sabotage("fault_not_as_planned")
def attempts_that_were_hit_have_no_wire_record(run: Run) -> None:
    without(run, "journal", lambda line: is_("wire")(line) and line["status"] == 503)


@sabotage("")
def attempts_that_rescued_have_no_wire_record(run: Run) -> None:
    """All answers are right, and nobody saw where they came from: `fallback_used` does not hold."""
    without(run, "journal", lambda line: is_("wire")(line) and line["provider"] == "backup")


@sabotage("unattributed")
def nothing_names_the_request_that_caused_it(run: Run) -> None:
    for line in wires(run):
        line |= {"request_id": None, "followed_by": None}


@sabotage("unattributed")
def all_attempts_are_of_another_load(run: Run) -> None:
    for line in wires(run):
        line["request_id"] = f"other-{line['request_id']}"


@sabotage("unattributed")
def one_in_ten_attempts_is_of_another_load(run: Run) -> None:
    for line in wires(run)[::10]:
        line["request_id"] = f"other-{line['request_id']}"


@sabotage("unattributed")
def all_attempts_have_one_hash_of_messages(run: Run) -> None:
    for line in wires(run):
        line |= {"request_id": "53750a58197ebe22", "followed_by": "messages_hash"}


@sabotage("unattributed")
def a_second_load_used_the_same_providers(run: Run) -> None:
    more = [{**line, "call": line["call"] + 5000, "request_id": None, "followed_by": None} for line in wires(run)]
    run["journal"] += more


@sabotage("clocks_disagree")
def baseline_and_recovery_have_exchanged_their_attempts(run: Run) -> None:
    for line in wires(run):
        line["request_id"] = re.sub(
            "baseline|recovery", lambda found: {"baseline": "recovery"}.get(found[0], "baseline"), line["request_id"]
        )


@sabotage("broken_evidence")
def the_journal_was_read_twice(run: Run) -> None:
    run["journal"] *= 2


@sabotage("broken_evidence")
def one_wire_record_is_there_twice(run: Run) -> None:
    run["journal"].append(dict(wires(run)[30]))


@sabotage("broken_evidence")
def a_provider_came_by_that_nobody_named(run: Run) -> None:
    wires(run)[5]["provider"] = "elsewhere"


@sabotage("fault_not_as_planned")
def all_attempts_are_of_the_backup(run: Run) -> None:
    for number, line in enumerate(wires(run)):
        line |= {"provider": "backup", "call": number}


@sabotage("clocks_disagree")
def the_proxys_clock_is_a_minute_behind(run: Run) -> None:
    for line in run["journal"]:
        later(line, -60)


@sabotage("clocks_disagree")
def the_proxys_clock_is_a_minute_ahead(run: Run) -> None:
    for line in run["journal"]:
        later(line, 60)


@sabotage("clocks_disagree")
def the_proxys_clock_is_half_a_second_behind(run: Run) -> None:
    for line in run["journal"]:
        later(line, -0.5)


@sabotage("clocks_disagree")
def the_proxys_clock_is_half_a_second_ahead(run: Run) -> None:
    for line in run["journal"]:
        later(line, 0.5)


@sabotage("not_a_number")
def a_duration_is_no_number(run: Run) -> None:
    wires(run)[12]["duration_s"] = nan


@sabotage("baseline_unhealthy")
def the_baseline_was_answered_by_the_backup(run: Run) -> None:
    for line in wires(run)[:20]:
        first = {**line, "call": line["call"] + 3000, "status": 500, "upstream_status": 500}
        run["journal"].append(first)


@sabotage("route_not_found")
def the_first_provider_knows_no_such_path(run: Run) -> None:
    for line in wires(run)[:20]:
        line |= {"status": 404, "upstream_status": 404}


# the requests


@sabotage("system_not_reached")
def no_request_was_sent(run: Run) -> None:
    run["requests"] = []


@sabotage("system_not_reached")
def nothing_listened(run: Run) -> None:
    for each in run["requests"]:
        each |= {"status": None, "transport_error": "connect", "text": ""}


@sabotage("too_few_requests")
def the_method_was_not_run(run: Run) -> None:
    without(run, "requests", lambda each: each["phase"] == "broken")
    without(run, "journal", lambda line: "-broken-" in (line["request_id"] or ""))
    del run["phases"][1]


@sabotage("too_few_requests")
def the_load_stopped_after_the_baseline(run: Run) -> None:
    without(run, "requests", lambda each: each["phase"] != "baseline")


@sabotage("too_few_requests")
def a_fifth_of_the_method_was_not_sent(run: Run) -> None:
    lost = {each["id"] for each in sent_in(run, "broken")[::5]}
    without(run, "requests", lambda each: each["id"] in lost)
    without(run, "journal", lambda line: line["request_id"] in lost)


@sabotage("too_few_requests")
def nobody_asked_in_the_recovery(run: Run) -> None:
    without(run, "requests", lambda each: each["phase"] == "recovery")


@sabotage("baseline_unhealthy")
def nobody_asked_in_the_baseline(run: Run) -> None:
    without(run, "requests", lambda each: each["phase"] == "baseline")


@sabotage("baseline_unhealthy")
def each_phase_is_one_request(run: Run) -> None:
    kept = {sent_in(run, phase)[-1]["id"] for phase in ("baseline", "broken", "recovery")}
    without(run, "requests", lambda each: each["id"] not in kept)
    without(run, "journal", lambda line: line["request_id"] not in kept)
    for phase in run["phases"]:
        phase["planned_requests"] = 1


@sabotage("too_few_requests")
def the_method_is_counted_as_recovery(run: Run) -> None:
    for each in sent_in(run, "broken"):
        each["phase"] = "recovery"


@sabotage("baseline_unhealthy")
def the_baseline_is_counted_as_method(run: Run) -> None:
    for each in sent_in(run, "baseline"):
        each["phase"] = "broken"


@sabotage("broken_evidence")
def requests_are_of_a_phase_that_was_not_run(run: Run) -> None:
    for each in sent_in(run, "broken"):
        each["phase"] = "brokn"


@sabotage("broken_evidence")
def requests_are_of_a_second_repetition_that_was_not_run(run: Run) -> None:
    for each in sent_in(run, "recovery"):
        each["repetition"] = 2


@sabotage("broken_evidence")
def the_records_of_the_load_were_read_twice(run: Run) -> None:
    run["requests"] *= 2


@sabotage("broken_evidence")
def two_requests_have_one_id(run: Run) -> None:
    run["requests"][40]["id"] = run["requests"][41]["id"]


@sabotage("broken_evidence")
def the_loads_clock_is_a_minute_ahead(run: Run) -> None:
    for each in run["requests"]:
        for name in ("scheduled_at", "sent_at", "ended_at", "first_token_at"):
            each[name] += 60


@sabotage("broken_evidence")
def an_answer_came_before_its_question(run: Run) -> None:
    run["requests"][7]["ended_at"] -= 30


@sabotage("not_a_number")
def a_request_was_sent_at_no_time(run: Run) -> None:
    run["requests"][50]["sent_at"] = nan


@sabotage("not_a_number")
def no_request_can_hang(run: Run) -> None:
    for each in run["requests"]:
        each["deadline_s"] = inf


@sabotage("baseline_unhealthy")
def every_answer_is_empty(run: Run) -> None:
    for each in run["requests"]:
        each["text"] = ""


@sabotage("baseline_unhealthy")
def every_answer_is_that_to_another_request(run: Run) -> None:
    texts = [each["text"] for each in run["requests"]]
    for each, text in zip(run["requests"], [*texts[1:], texts[0]], strict=True):
        each["text"] = text


@sabotage("baseline_unhealthy")
def the_system_was_down_before_anything_was_broken(run: Run) -> None:
    for each in sent_in(run, "baseline"):
        each |= {"status": 500, "text": ""}


@sabotage("baseline_unhealthy")
def the_baseline_never_ended(run: Run) -> None:
    for each in sent_in(run, "baseline"):
        each["ended_at"] = None


@sabotage("")
def the_system_died_of_it(run: Run) -> None:
    for each in sent_in(run, "recovery"):
        each |= {"transport_error": "closed_early"}


@sabotage("")
def half_of_the_method_hung(run: Run) -> None:
    for each in sent_in(run, "broken")[::2]:
        each |= {"ended_at": None, "transport_error": "timeout"}


@sabotage("")
def one_answer_of_the_method_lost_its_middle(run: Run) -> None:
    one = sent_in(run, "broken")[11]
    one["text"] = one["text"][:40] + one["text"][80:]


# the phases and their fault


@sabotage("fault_not_as_planned")
def the_fault_was_never_registered(run: Run) -> None:
    fault(run).update({"on_at": None, "off_at": None})


@sabotage("fault_stayed")
def the_fault_was_never_taken_off(run: Run) -> None:
    fault(run)["off_at"] = None


@sabotage("fault_not_as_planned")
def the_fault_came_after_the_method(run: Run) -> None:
    fault(run)["on_at"] += 100
    fault(run)["off_at"] += 100


def plan_another(name: str, /, **given: Any) -> None:
    """The plan said something else than what was done."""

    def damage(run: Run) -> None:
        fault(run).update(given)

    damage.__name__ = name
    sabotage("fault_not_as_planned")(damage)


plan_another("the_schedule_never_opened", schedule={"after_s": 3600.0})
plan_another("the_schedule_was_over_before_the_first_request", schedule={"until_s": 0.001})
plan_another("a_tenth_should_have_been_hit", schedule={"probability": 0.1})
plan_another("every_fifth_should_have_been_hit", schedule={"every": 5})
plan_another("the_first_five_should_have_been_hit", schedule={"first": 5})
plan_another("a_ramp_should_have_hit_few", schedule={"ramp": [[0.0, 0.0], [10.0, 1.0]]})
plan_another("another_model_should_have_been_hit", scope={"models": ["claude-*"]})
plan_another("another_route_should_have_been_hit", scope={"routes": ["anthropic_messages"]})
plan_another("only_probes_should_have_been_hit", scope={"routes": ["/v1/models"]})
plan_another("another_tenant_should_have_been_hit", scope={"tenants": ["nobody"]})
plan_another("whole_answers_should_have_been_hit", scope={"stream": False})
plan_another("large_requests_should_have_been_hit", scope={"min_request_bytes": 1_000_000})
plan_another("small_requests_should_have_been_hit", scope={"max_request_bytes": 10})
plan_another("another_provider_should_have_been_hit", provider="backup")
plan_another("another_fault_should_have_hit", name="slow", fault="delayed_answer")


@sabotage("fault_not_as_planned")
def a_second_fault_never_fired(run: Run) -> None:
    run["phases"][1]["injections"].append({**fault(run), "provider": "backup", "name": "second"})


@sabotage("baseline_unhealthy")
def the_method_is_called_a_baseline(run: Run) -> None:
    run["phases"][1]["kind"] = "baseline"


@sabotage("baseline_unhealthy")
def there_is_no_baseline(run: Run) -> None:
    run["phases"][0]["kind"] = "recover"


@sabotage("broken_evidence")
def a_phase_is_there_twice(run: Run) -> None:
    run["phases"].append(run["phases"][1])


@sabotage("broken_evidence")
def a_phase_ends_before_it_begins(run: Run) -> None:
    run["phases"][1]["ended_at"] = run["phases"][1]["began_at"] - 1


@sabotage("not_a_number")
def a_phase_begins_at_no_time(run: Run) -> None:
    run["phases"][2]["began_at"] = nan


# below HTTP


@sabotage("fault_not_as_planned", BELOW)
def nobody_looked_whether_it_held(run: Run) -> None:
    run["state_probes"] = []


@sabotage("fault_not_as_planned", BELOW)
def one_probe_was_served(run: Run) -> None:
    run["state_probes"][-1] |= {"held": False, "saw": "served"}


@sabotage("fault_not_as_planned", BELOW)
def probes_looked_before_it_was_on(run: Run) -> None:
    for probe in run["state_probes"]:
        probe["at"] = fault(run)["on_at"] - 5


@sabotage("fault_not_as_planned", BELOW)
def probes_looked_at_another_provider(run: Run) -> None:
    for probe in run["state_probes"]:
        probe["provider"] = "backup"


@sabotage("fault_not_as_planned", BELOW)
def probes_looked_for_another_fault(run: Run) -> None:
    for probe in run["state_probes"]:
        probe["injection"] = "another"


@sabotage("fault_not_as_planned", BELOW)
def no_receipt_says_that_it_was_on(run: Run) -> None:
    without(run, "journal", is_("receipt"))


@sabotage("fault_not_as_planned", BELOW)
def the_receipt_says_only_that_it_was_off(run: Run) -> None:
    without(run, "journal", lambda line: line.get("state") == "on")


@sabotage("fault_not_as_planned", BELOW)
def the_state_was_of_another_provider(run: Run) -> None:
    for line in receipts(run):
        line["provider"] = "backup"


@sabotage("fault_not_as_planned", BELOW)
def the_rescues_came_by_the_refusing_provider(run: Run) -> None:
    for line in wires(run):
        line |= {"provider": "primary", "call": line["call"] + 1000 * (line["provider"] == "backup")}


@sabotage("fault_not_as_planned", BELOW)
def one_attempt_came_through(run: Run) -> None:
    there = next(line for line in wires(run) if line["request_id"].endswith("-broken-20"))
    run["journal"].append({**there, "provider": "primary", "call": 7000})


@sabotage("fault_not_as_planned", BELOW)
def it_was_for_some_connections_only(run: Run) -> None:
    fault(run)["schedule"] = {"probability": 0.5}


@sabotage("fault_not_as_planned", BELOW)
def it_held_while_hardly_anybody_asked(run: Run) -> None:
    fault(run)["on_at"] = fault(run)["off_at"] - 0.06


@sabotage("fault_not_as_planned", BELOW)
def it_was_never_on(run: Run) -> None:
    fault(run).update({"on_at": None, "off_at": None})


@sabotage("fault_stayed", BELOW)
def it_was_never_off(run: Run) -> None:
    fault(run)["off_at"] = None


@sabotage("providers_not_reached", BELOW)
def the_journal_of_it_is_empty(run: Run) -> None:
    run["journal"] = []


@sabotage("", BELOW)
def nobody_saw_who_rescued(run: Run) -> None:
    without(run, "journal", lambda line: is_("wire")(line) and line["provider"] == "backup")


# what was expected, and of whom


@sabotage("broke_off")
def it_was_interrupted_at_its_very_end(run: Run) -> None:
    run["broke_off"] = "CancelledError"


@sabotage("broken_evidence")
def the_backup_is_no_provider(run: Run) -> None:
    run["providers"] = ["primary"]


@sabotage("baseline_unhealthy")
def no_model_may_answer(run: Run) -> None:
    run["models"] = []


@sabotage("baseline_unhealthy")
def another_model_may_answer(run: Run) -> None:
    run["models"] = ["gpt-4"]


@sabotage("no_expectations")
def nothing_is_expected(run: Run) -> None:
    run["expected"] = {}


@sabotage("")
def more_is_expected_than_so_few_could_prove(run: Run) -> None:
    run["expected"] = {"laundered": {"rules_out": 0.05}}  # 73 requests


@sabotage("")
def validators_look_at_answers_that_nobody_kept(run: Run) -> None:
    run["expected"] = {"functional_success": {"validators": ["completeness"]}}


@sabotage("")
def nothing_that_is_expected_was_met(run: Run) -> None:
    run["expected"] = {"retry_after_respected": {}}  # nobody was told to wait


# --- the promise


def codes(verdict: ScenarioVerdict) -> Iterator[str]:
    return (reason.code for reason in verdict.invalid)


@pytest.mark.parametrize("name", [HTTP, BELOW])
def test_the_unbroken_twin_passes(name: str) -> None:
    verdict = verdict_of(recorded(name))
    assert verdict.word == "PASS", (verdict.reason, verdict.invalid)
    (firing,) = verdict.firings
    assert firing.expected == firing.on_user_requests
    assert firing.on_user_requests >= 38
    assert verdict.outcomes == {"rescued": 40}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_damaged_run_does_not_pass_and_its_unbroken_twin_does(name: str) -> None:
    of, code, damage = SABOTAGE[name]
    run = recorded(of)
    assert verdict_of(deepcopy(run)).word == "PASS"
    damage(run)
    verdict = verdict_of(run)
    assert verdict.word in ({"INVALID"} if code else {"INVALID", "FAIL"}), verdict.reason
    assert not code or code in codes(verdict), verdict.invalid
    assert "PASS" not in [each.result.word for each in verdict.checks] or verdict.word == "FAIL"


def test_a_hundred_altogether() -> None:
    by_hand = (Path(__file__).with_name("test_verdict.py")).read_text(encoding="utf-8").count("\n@sabotage(")
    assert by_hand >= 57
    assert len(SABOTAGE) + by_hand >= 100
