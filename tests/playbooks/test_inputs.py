"""What a template asks for is found, or told to be missing; nothing is made up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.playbooks.inputs import Given, values_of
from llmops.playbooks.results.schema import Result
from llmops.playbooks.shelf import Template
from llmops.report import Interval, Metric, Report, Verdict

Make = Callable[[str, str], Template]
TODAY = date(2025, 11, 25)


def value(make: Make, asked: str, *results: Result, **settings: str) -> str:
    template = make(f"inputs:\n  it: {{{asked}, what: x}}\n", "{{ it }}")
    return str(values_of(template, Given(results, settings, today=TODAY))["it"])


def test_the_whole_goes_before_its_parts(make_template: Make, make_run: Any, results_of: Any) -> None:
    whole, part = Metric("ttft_p95_s", 0.5), Metric("ttft_p95_s", 0.75, scope={"model": "a"})
    asked = "from: metric, metric: ttft_p95_s"
    both = results_of(make_run(metrics=[whole, part]), "both.json")
    parts = results_of(make_run(metrics=[part]), "parts.json")
    assert value(make_template, asked, both) == "0.5 s (chaos-run in both.json, 2025-11-25)"
    assert value(make_template, asked, parts) == "model a: 0.75 s (chaos-run in parts.json, 2025-11-25)"
    assert value(make_template, asked, both, parts).count(";") == 1


def test_only_results_of_the_kinds_that_are_asked_are_looked_at(make_template: Make, result: Result) -> None:
    assert value(make_template, "from: verdict, kinds: [chaos-run]", result).startswith("PASS: ")
    with pytest.raises(BadInput, match="asks for it of kind load, and none of the 1 results has it"):
        value(make_template, "from: verdict, kinds: [load]", result)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("from: verdict", "PASS: 1 scenario: 1 PASS (chaos-run in run.json, 2025-11-25)"),
        ("from: findings", "warn: one request hung → look at r17 (chaos-run in run.json, 2025-11-25)"),
        ("from: not_covered", "what the answers say (chaos-run in run.json, 2025-11-25)"),
        ("from: scenarios", "provider-down: PASS. 6 of 6 expectations hold (chaos-run in run.json, 2025-11-25)"),
    ],
)
def test_texts_carry_their_source_and_date(asked: str, text: str, make_template: Make, result: Result) -> None:
    assert value(make_template, asked, result) == text


def test_a_decimal_stays_exact(make_template: Make, make_run: Any, results_of: Any) -> None:
    from decimal import Decimal

    result = results_of(make_run(metrics=[Metric("catalogue_cost_usd", Decimal("1234.50"), 10, Interval(1, None))]))
    assert value(make_template, "from: metric, metric: catalogue_cost_usd", result) == (
        "1,234.50 USD (1.00 to open; 10 samples; chaos-run in run.json, 2025-11-25)"
    )


@pytest.mark.parametrize(
    ("asked", "given", "text"),
    [
        ("from: set", "some words", "some words"),
        ("from: set", "40 words", "40 words (stated by --set, 2025-11-25)"),
        ("from: set, type: number", "1,234.5", "1,234.5 (stated by --set, 2025-11-25)"),
        ("from: set, type: date", "2025-12-01", "2025-12-01"),
        ("from: set, type: word", "gpt-4o", "gpt-4o"),
    ],
)
def test_what_is_set_is_said_and_numbers_say_by_whom(asked: str, given: str, text: str, make_template: Make) -> None:
    assert value(make_template, asked, it=given) == text


@pytest.mark.parametrize(
    ("asked", "given", "why"),
    [("number", "many", "is no number"), ("date", "soon", "is no date"), ("word", "two words", "is more than a word")],
)
def test_what_is_of_another_type_is_refused(asked: str, given: str, why: str, make_template: Make) -> None:
    with pytest.raises(BadInput, match=why):
        value(make_template, f"from: set, type: {asked}", it=given)


def test_what_is_missing_is_told_with_the_option(make_template: Make) -> None:
    with pytest.raises(BadInput, match=r"page\.md\.j2:6: page needs it: x") as caught:
        value(make_template, "from: set")
    assert caught.value.hint == "--set it=…"


def test_a_default_is_taken_where_nothing_is_given(make_template: Make) -> None:
    assert value(make_template, "from: set, type: word, default: a") == "a"
    assert value(make_template, "from: set, type: word, default: a", it="b") == "b"


def test_a_file_is_read_line_by_line(make_template: Make, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("10:00 it broke\n\n10:05 seen\n")
    assert value(make_template, "from: file", it=str(tmp_path / "t.txt")) == "10:00 it broke; 10:05 seen"
    with pytest.raises(BadInput, match="--set it: cannot read"):
        value(make_template, "from: file", it=str(tmp_path / "gone.txt"))


def test_the_owner_is_set_else_configured_else_of_the_template(make_template: Make) -> None:
    template = make_template("", "")
    owners = [Given(settings={"owner": "set"}, owner="config"), Given(owner="config"), Given()]
    assert [str(values_of(template, each)["owner"]) for each in owners] == ["set", "config", "ann"]


def exercised(template: Template, *reports: Result, **settings: str) -> str:
    return str(values_of(template, Given(reports, settings, today=TODAY))["last_exercised"])


def test_it_was_exercised_when_the_youngest_run_decided_something(
    make_template: Make, make_run: Any, results_of: Any
) -> None:
    def ran(days: int, word: Any = "PASS", kind: str = "chaos-run") -> Result:
        run: Report = make_run(kind=kind, verdict=Verdict(word, "x"))
        before = timedelta(days=days)
        changed = make_run(
            kind=kind,
            verdict=Verdict(word, "x"),
            started_at=run.started_at - before,
            finished_at=run.finished_at - before,
        )
        found: Result = results_of(changed)
        return found

    page = make_template("", "")
    assert exercised(page, ran(9), ran(3), ran(5)) == "2025-11-22"
    assert exercised(page, ran(9), ran(3, "INVALID")) == "2025-11-16"  # nothing was exercised
    assert exercised(page, ran(9, "FAIL")) == "2025-11-16"  # it was, and it failed
    assert exercised(page, ran(0, kind="bill")) == "never"
    assert exercised(page) == "never"
    assert exercised(page, ran(9), last_exercised="2025-11-20") == "2025-11-20"
    assert exercised(make_template("last_exercised: 2025-01-01\n", "")) == "2025-01-01"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("[provider-down]", "2025-11-25"),
        ("[chaos-run]", "2025-11-25"),
        ("[gameday, provider-down]", "2025-11-25"),
        ("[gameday]", "never"),
        ("[infra-drill, stream-cut]", "never"),
    ],
)
def test_only_what_puts_the_page_to_use_is_an_exercise_of_it(
    asked: str, expected: str, make_template: Make, result: Result
) -> None:
    assert exercised(make_template(f"exercised_by: {asked}\n", ""), result) == expected


def test_a_scenario_that_decided_nothing_is_no_exercise(make_template: Make, make_run: Any, results_of: Any) -> None:
    run = make_run()
    void = results_of(make_run(scenarios=[replace(run.scenarios[0], verdict="INVALID")]))
    assert exercised(make_template("exercised_by: [provider-down]\n", ""), void) == "never"


@pytest.mark.parametrize(("text", "why"), [("2025-11-26", "is in the future"), ("soon", "is no date")])
def test_a_day_of_exercise_that_cannot_be_is_refused(text: str, why: str, make_template: Make) -> None:
    with pytest.raises(BadInput, match=why):
        exercised(make_template("", ""), last_exercised=text)
