"""The page on verdicts names every outcome, reason and check, and its numbers are those of the code."""

import dataclasses
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos import intervals
from llmops.chaos.experiments import can_fire, refusals, validity
from llmops.chaos.experiments.checks import base
from llmops.chaos.experiments.checks.attempts import MOST_ATTEMPTS
from llmops.chaos.experiments.checks.base import Phased, checks
from llmops.chaos.experiments.checks.retry_after_respected import MOST_TOLERANCE_S
from llmops.chaos.experiments.evidence import ATTEMPTS_BUDGET
from llmops.chaos.experiments.outcomes import OUTCOMES
from llmops.chaos.reliability.facts import finish_kinds

PAGE = Path(__file__).parents[3] / "docs" / "verdicts.md"
TEXT = PAGE.read_text(encoding="utf-8")


def rows() -> Iterator[str]:
    yield "| check | what it expects | judged over | parameters |"
    yield "| --- | --- | --- | --- |"
    for name in checks.names():
        kind: Any = checks.get(name)
        fields = [each for each in dataclasses.fields(kind) if each.name not in {"phases", "of"}]
        over = {"inject": "the method", "recover": "the recovery"}[kind.kind]
        of = next((each.default for each in dataclasses.fields(kind) if each.name == "of"), "all")
        judged = f"requests of {over}" if of == "all" else "requests that were hit"
        yield f"| `{name}` | {checks.help(name)} | {judged} | {', '.join(map(parameter, fields))} |"


def parameter(field: "dataclasses.Field[Any]") -> str:
    if field.default_factory is not dataclasses.MISSING:
        return f"`{field.name}: {{}}`"
    if field.default is dataclasses.MISSING:
        return f"`{field.name}` (required)"
    default = list(field.default) if isinstance(field.default, tuple) else field.default
    return f"`{field.name}: {default!r}`".replace("''", "none")


def test_the_table_of_checks_is_that_of_the_registry() -> None:
    head, _, rest = TEXT.partition("<!-- checks -->\n")
    tail = rest.partition("<!-- end of checks -->")[2]
    table = "\n".join(rows())
    expected = f"{head}<!-- checks -->\n{table}\n<!-- end of checks -->{tail}"
    if os.environ.get("LLMOPS_UPDATE_DOCS"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected, "run LLMOPS_UPDATE_DOCS=1 pytest with this file"


def test_every_outcome_has_its_row_in_order() -> None:
    section = TEXT.partition("## Outcomes")[2].partition("**Whole**")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == OUTCOMES


def test_every_reason_has_its_row() -> None:
    section = TEXT.partition("## INVALID")[2].partition("## Checks")[0]
    named = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert named == {*validity._JUDGES, "fault_not_as_planned", "no_expectations", "not_recovered"}


@pytest.mark.parametrize(
    "row", re.findall(r"^\| at least ([\d.]+), at most ([\d.]+).*\| (\d+) \|$", TEXT, re.MULTILINE)
)
def test_the_numbers_of_samples_are_those_that_decide(row: tuple[str, str, str]) -> None:
    least, most, needed = float(row[0]), float(row[1]), int(row[2])
    assert intervals.at_least(needed, needed, least).word == "PASS"
    assert intervals.at_least(needed - 1, needed - 1, least).word == "INVALID"
    assert intervals.at_most(0, needed, most).word == "PASS"


def test_the_limits_that_it_states_are_those_of_the_code() -> None:
    assert f"else {ATTEMPTS_BUDGET} |" in TEXT
    assert (
        f"fewer than {validity.LEAST_BASELINE} requests, less than {validity.HEALTHY_RATIO:.0%}".replace("%", " %")
        in TEXT
    )
    assert f"more than {validity.UNATTRIBUTED_RATIO:.0%}".replace("%", " %") in TEXT
    assert f"less than {validity.SENT_RATIO:.0%}".replace("%", " %") in TEXT
    assert f"more than {validity.EDGE_S} s" in TEXT
    assert f"`rules_out` ({intervals.RULES_OUT} unless given)" in TEXT


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages", "gemini"])
def test_the_finish_reasons_that_it_names_are_of_their_kind(dialect: str) -> None:
    (row,) = re.findall(rf"^\| `{dialect}` \|.*$", TEXT, re.MULTILINE)
    _, _, _, whole, reduced, failed, *_ = row.split("|")
    kinds = finish_kinds(dialect)
    assert {kinds[word] for word in re.findall(r"`(\w+)`", whole)} == {"whole"}
    assert {kinds[word] for word in re.findall(r"`(\w+)`", reduced)} <= {"cut", "withheld"}
    assert {kinds[word] for word in re.findall(r"`(\w+)`", failed)} <= {"broken"}


def test_every_check_has_the_fields_of_all() -> None:
    for name in checks.names():
        assert issubclass(checks.get(name), Phased)


def test_what_is_refused_is_told_with_the_numbers_of_the_code() -> None:
    section = TEXT.partition("## Refused before the run")[2].partition("## Outcomes")[0]
    for words in (
        f"hits less than {can_fire.LEAST_HITS} requests",
        f"largest request and {can_fire.ADDED_BYTES} more",
        f"looser than {base.LOOSEST}",
        f"`rules_out` above {base.MOST_RULED_OUT}, which none among 12 rules out",
        f"`attempts.at_most` above {MOST_ATTEMPTS}",
        f"`at_most_times` above {base.MOST_TIMES:g}",
        f"`tolerance_s` above {MOST_TOLERANCE_S:g}",
        f"`load.deadline_s` above {refusals.MOST_DEADLINE_S:g}",
    ):
        assert words in section
    assert intervals.least_samples(0, rules_out=base.MOST_RULED_OUT) == 12
