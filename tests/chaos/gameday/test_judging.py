"""What a game day shows, from a run made by hand: which phase proves nothing, and whose hypotheses that takes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.evidence import Attempt, Evidence, Injection, Phase, Receipt, UserRequest
from llmops.chaos.gameday.clock import Gap
from llmops.chaos.gameday.events import Happened, happened, on_the_wall
from llmops.chaos.gameday.gameday_report import gameday_report
from llmops.chaos.gameday.incident_cost import incident_cost
from llmops.chaos.gameday.judging import Found, found_of
from llmops.chaos.gameday.loader import GamedayPlan, load_plan, steps_of
from llmops.chaos.gameday.past import Past
from llmops.chaos.gameday.words import Word

Write = Callable[..., Path]
ZERO = 1_790_000_000.0
AGAIN = "  - name: again\n    duration_s: 20\n    faults:\n      - {provider: primary, fault: internal_error}\n"
TWO = ("recovery: {requests", f"{AGAIN}recovery: {{requests")
OWN = ("check: hang}", "check: hang, phases: [again]}")
BURN = ("burn_over_expected: 2.0, ", "")


def fault(name: str, begins: float, ends: float) -> Injection:
    return Injection("primary", name, name, False, on_at=ZERO + begins, off_at=ZERO + ends)


def attempt(provider: str, number: int, at: float, *, hit: str = "") -> Attempt:
    receipts = (Receipt("primary", hit, hit, True, ZERO + at, number),) if hit else ()
    status = 503 if hit else 200
    return Attempt(
        provider, number, ZERO + at, ZERO + at + 0.1, "/v1", "openai_chat", model_asked="gpt-4o",
        model_answered="gpt-4o", model_served="gpt-4o", status=status, upstream_status=None if hit else 200,
        ended="fault" if hit else "complete", complete=not hit, finish_reason="stop",
        input_uncached_tokens=10, output_tokens=10, receipts=receipts,
    )  # fmt: skip


def request(number: int, phase: str, at: float, *, hit: str = "", saved: bool = True) -> UserRequest:
    attempts = [attempt("primary", number, at, hit=hit)]
    attempts += [attempt("backup", number, at + 0.2)] if hit and saved else []
    good = not hit or saved
    return UserRequest(
        f"r{number}", phase, ZERO + at, ZERO + at, ZERO + at + 0.4, 5.0, "openai_chat", "/v1", b"", False,
        status=200 if good else 502, content_type="application/json", text="yes", truth="yes", finish_reason="stop",
        model_answered="gpt-4o", attempts=tuple(attempts),
    )  # fmt: skip


def run(*, sent: int = 200, saved: bool = True) -> Evidence:
    """A baseline, two phases of 200 requests each (of the second `sent`), and a recovery."""
    parts = (("baseline", 0, 60, ""), ("broken", 100, 200, "unavailable"), ("again", 300, sent, "internal_error"))
    requests = [
        request(1000 * place + number, name, begins + number * 0.1, hit=hit, saved=saved)
        for place, (name, begins, count, hit) in enumerate((*parts, ("recovery", 400, 60, "")))
        for number in range(count)
    ]
    phases = (
        Phase("baseline", "baseline", ZERO, ZERO + 10, 60),
        Phase("broken", "inject", ZERO + 100, ZERO + 121, 200, injections=(fault("unavailable", 99.9, 121),)),
        Phase("again", "inject", ZERO + 300, ZERO + 321, 200, injections=(fault("internal_error", 299.9, 321),)),
        Phase("recovery", "recover", ZERO + 400, ZERO + 410, 60),
    )
    receipts = tuple(r for each in requests for a in each.attempts for r in a.receipts)
    return Evidence("tiny", ("primary", "backup"), frozenset({"gpt-4o"}), phases, tuple(requests), receipts)


def plan_of(write: Write) -> GamedayPlan:
    more = ("expected_failed_ratio: {broken: 0.05}", "expected_failed_ratio: {broken: 0.05, again: 0.05}")
    radius = ("request_ratio: {broken: 1.0}", "request_ratio: {broken: 1.0, again: 1.0}")
    return load_plan(write(TWO, OWN, BURN, more, radius, ("  duration_s: 60\n", "")))


def found(write: Write, evidence: Evidence, gaps: tuple[Gap, ...] = ()) -> Found:
    plan = plan_of(write)
    return found_of(plan, steps_of(plan), evidence, gaps)


def test_a_run_in_which_all_holds_passes(plan_file: Write) -> None:
    one = found(plan_file, run())
    assert one.verdict.word == "PASS", one.verdict.reason
    assert [(each.sent, each.hit, each.failed, each.invalid) for each in one.phases] == [
        (60, 0, 0, ""),
        (200, 200, 0, ""),
        (200, 200, 0, ""),
        (60, 0, 0, ""),
    ]
    assert [each.word for each in one.hypotheses] == ["PASS", "PASS"]


def test_a_phase_of_too_few_requests_takes_only_its_own_hypotheses(plan_file: Write) -> None:
    one = found(plan_file, run(sent=150))
    assert one.verdict.word == "INVALID"
    assert [each.word for each in one.hypotheses] == ["PASS", "INVALID"]
    assert [bool(each.invalid) for each in one.phases] == [False, False, True, False]


def test_a_crash_that_took_too_many_is_named_in_the_verdict(plan_file: Write) -> None:
    gap = Gap(ZERO + 315, ZERO + 327.5, "crashed", "again")
    one = found(plan_file, run(sent=150), (gap,))
    assert one.verdict.reason == (
        "too few requests: phase again planned 200 requests, and 150 were sent; the run was killed in it and taken up "
        "after 12.5 s"
    )
    assert "12.5 s" in one.hypotheses[1].reason


def test_callers_that_are_not_served_fail_the_hypothesis_about_them(plan_file: Write) -> None:
    one = found(plan_file, run(saved=False))
    assert one.verdict.word == "FAIL"
    assert [each.word for each in one.hypotheses] == ["FAIL", "PASS"]
    assert [each.failed for each in one.phases] == [0, 200, 200, 0]


def test_more_than_the_blast_radius_is_a_failure_by_itself(plan_file: Write) -> None:
    plan = plan_of(plan_file)
    radius = plan.gameday.blast_radius.model_copy(update={"request_ratio": {"broken": 0.9}})
    plan = replace(plan, gameday=plan.gameday.model_copy(update={"blast_radius": radius}))
    one = found_of(plan, steps_of(plan), run(), ())
    assert [bool(each.beyond) for each in one.phases] == [False, True, False, False]
    report = report_of(plan, one)
    assert report.verdict is not None
    assert (report.verdict.word, int(report.exit_code)) == ("FAIL", 1)
    assert report.verdict.because == "broken: 200 of 200 requests met a fault, and the blast radius is 0.9"


# --- the report


def report_of(plan: GamedayPlan, one: Found, *words: Word) -> Any:
    from datetime import UTC, datetime

    from llmops.chaos.experiments.result import About

    past = Past(words=list(words), gaps=list(one.gaps), began_at=ZERO - 5, ended=True)
    at = datetime.fromtimestamp(ZERO, UTC)
    return gameday_report(plan, steps_of(plan), past, one, About(at, at, "0"))


@pytest.mark.parametrize("output_format", ["text", "json", "md", "html"])
def test_it_is_told_in_every_form_and_a_note_is_never_obeyed(plan_file: Write, output_format: str) -> None:
    from llmops.renderers import renderers

    plan = plan_of(plan_file)
    note = Word(ZERO + 110, "note", "action: <script>alert(1)</script> [x](javascript:alert(1)) \x1b[31m")
    told = renderers.get(output_format)().render(report_of(plan, found_of(plan, steps_of(plan), run(), ()), note))
    assert "backup-answers" in told
    assert "\x1b" not in told
    if output_format == "html":
        assert "<script>" not in told
    if output_format == "md":
        assert "[x](javascript:" not in told


def test_its_result_has_the_one_schema(plan_file: Write) -> None:
    import json

    import jsonschema

    import llmops.report
    from llmops.renderers import renderers

    plan = plan_of(plan_file)
    told = json.loads(renderers.get("json")().render(report_of(plan, found_of(plan, steps_of(plan), run(), ()))))
    schema = Path(llmops.report.__file__).with_name("report.schema.json")
    jsonschema.validate(told, json.loads(schema.read_text(encoding="utf-8")))
    assert told["kind"] == "gameday"


def test_its_metrics_are_for_gates(plan_file: Write) -> None:
    plan = plan_of(plan_file)
    mark = Word(ZERO + 104.5, "mark", "detected")
    report = report_of(plan, found_of(plan, steps_of(plan), run(saved=False), ()), mark)
    values = {each.name: each.value for each in report.metrics}
    assert values["detection_s"] == 4.5
    assert values["mitigation_s"] is None
    assert values["error_budget_burn"] == pytest.approx(100)  # all failed, of a target of 99 %
    assert values["incident_cost_usd"] is None  # nobody gave prices


def test_what_happened_stands_in_the_order_of_the_wall(plan_file: Write) -> None:
    gap = Gap(ZERO + 105, ZERO + 115, "paused", "broken")
    one = found(plan_file, run(), (gap,))
    past = Past(words=[Word(ZERO + 104, "mark", "detected")], gaps=[gap], began_at=ZERO - 5)
    told = happened(past, one)
    assert told[0] == Happened(ZERO - 5, "run", "began")
    assert [each.at for each in told] == sorted(each.at for each in told)
    assert (on_the_wall(ZERO + 104, one), on_the_wall(ZERO + 106, one)) == (ZERO + 104, ZERO + 116)


def test_an_incident_costs_what_it_used_above_the_usual() -> None:
    """Each attempt that a provider counted costs 1 USD: one a request usually, and one where the backup answers."""
    from decimal import Decimal

    def dollar(**_: object) -> Decimal:
        return Decimal(1)

    told = incident_cost(replace(run(), price_of=dollar))
    assert (told.requests, told.usd, told.usual_usd, told.more_usd) == (400, 400, 400, 0)
    assert incident_cost(run()).more_usd is None


def test_an_outage_is_no_saving(plan_file: Write) -> None:
    """Nothing of 400 requests is answered: less is spent than usual, and nobody is served."""
    from decimal import Decimal

    plan = plan_of(plan_file)
    priced = replace(run(saved=False), price_of=lambda **_: Decimal(1))
    assert incident_cost(priced).unserved == 400
    assert incident_cost(run()).unserved == 0
    told = report_of(plan, found_of(plan, steps_of(plan), priced, ()))
    assert any(each.endswith("less than 400 usual requests; 400 of the 400 were not served.") for each in told.summary)
