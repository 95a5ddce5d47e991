"""What is excused, and what never is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from llmops.chaos.gates.grammar import condition_of
from llmops.chaos.gates.loader import Gate, GateFile
from llmops.chaos.gates.measured import Found
from llmops.chaos.gates.results.reading import Unusable, Usable
from llmops.chaos.gates.rows import Row, excused, judged, with_word
from llmops.chaos.gates.schema import Waiver

Level = Literal["fail", "warn"]
TODAY = datetime(2026, 11, 25, tzinfo=UTC).date()
WAIVER = Waiver(owner="ann", reason="litellm#40404", until=date(2026, 11, 30))
PASS, FAIL = Found("PASS", "p"), Found("FAIL", "f")
UNDECIDED, NO_DATA = Found("INVALID", "u", is_undecided=True), Found("INVALID", "n")


@pytest.mark.parametrize(
    ("found", "level", "waiver", "word"),
    [
        (PASS, "fail", None, "PASS"),
        (PASS, "warn", WAIVER, "PASS"),
        (FAIL, "fail", None, "FAIL"),
        (FAIL, "warn", None, "WARN"),
        (FAIL, "fail", WAIVER, "WAIVED"),
        (FAIL, "warn", WAIVER, "WAIVED"),
        (UNDECIDED, "fail", None, "INVALID"),
        (UNDECIDED, "warn", None, "WARN"),
        (UNDECIDED, "fail", WAIVER, "WAIVED"),
        (NO_DATA, "fail", None, "INVALID"),
        (NO_DATA, "warn", None, "INVALID"),
        (NO_DATA, "fail", WAIVER, "INVALID"),
        (NO_DATA, "warn", WAIVER, "INVALID"),
    ],
)
def test_what_was_measured_can_be_excused_and_a_lack_of_data_never(
    found: Found, level: Level, waiver: Waiver | None, word: str
) -> None:
    assert excused(found, level, waiver) == word


@pytest.mark.parametrize(
    ("word", "counts_as"),
    [("PASS", "PASS"), ("WARN", "PASS"), ("WAIVED", "PASS"), ("FAIL", "FAIL"), ("INVALID", "INVALID")],
)
def test_what_is_excused_counts_as_a_pass(word: Any, counts_as: str) -> None:
    assert Row("gate", "a", word, "").counts_as == counts_as


def row(usable: Usable, text: str, waiver: Waiver | None, level: Level = "fail") -> Row:
    gate = Gate("g", condition_of(text), level=level, waiver=waiver, line=3)
    (found,) = judged(GateFile("g.yaml", (gate,)), [usable], [], TODAY).rows
    assert (found.kind, found.name, found.line, found.file) == ("gate", "g", 3, "result.json")
    return found


def test_a_waiver_in_force_is_told_with_its_owner_its_end_and_its_reason(
    usable: Callable[..., Usable], make: SimpleNamespace
) -> None:
    found = row(usable(make.run()), "attempts_per_request <= 1", WAIVER)
    assert found.word == "WAIVED"
    assert found.reason.endswith("(waived by ann until 2026-11-30: litellm#40404)")


def test_a_waiver_that_lapsed_excuses_nothing_and_is_told(usable: Callable[..., Usable], make: SimpleNamespace) -> None:
    found = row(
        usable(make.run()), "attempts_per_request <= 1", Waiver(owner="ann", reason="r", until=date(2026, 11, 24))
    )
    assert found.word == "FAIL"
    assert found.reason.endswith("does not hold; the waiver of ann lapsed on 2026-11-24")


def test_a_waiver_is_in_force_on_its_last_day(usable: Callable[..., Usable], make: SimpleNamespace) -> None:
    assert (
        row(usable(make.run()), "attempts_per_request <= 1", Waiver(owner="a", reason="r", until=TODAY)).word
        == "WAIVED"
    )


def test_a_waiver_that_nothing_needs_is_told(usable: Callable[..., Usable], make: SimpleNamespace) -> None:
    found = row(usable(make.run()), "attempts_per_request <= 2", WAIVER)
    assert (found.word, found.note) == ("PASS", "g: the waiver of ann is not needed")


def test_a_file_of_no_use_is_a_row_of_its_own_and_invalid(usable: Callable[..., Usable], make: SimpleNamespace) -> None:
    gates = GateFile("g.yaml", (Gate("g", condition_of("laundered == 0")),))
    rows = judged(gates, [usable(make.run()), Unusable("b.json", "b.json is empty")], [], TODAY).rows
    assert [(each.kind, each.word) for each in rows] == [("result", "INVALID"), ("gate", "PASS")]
    rows = judged(gates, [usable(make.run())], [Unusable("old.json", "old.json is missing")], TODAY).rows
    assert (rows[0].kind, rows[0].word, rows[0].reason) == ("result", "INVALID", "old.json is missing")


def test_a_comparison_takes_the_level_of_the_strictest_gate_that_names_its_metric(
    usable: Callable[..., Usable], make: SimpleNamespace
) -> None:
    before = usable(make.load(id="before", started_at=make.now.replace(day=1)), "before.json")
    slow = usable(make.with_metrics(make.load(), make.seconds("ttft_p95_s", 0.9, 0.8, 1.0)))
    soft = Gate("soft", condition_of("ttft_p95_s < 2"), level="warn")
    hard = Gate("hard", condition_of("ttft_p95_s < 2"))

    def words(*gates: Gate) -> list[str]:
        rows = judged(GateFile("g.yaml", gates), [slow], [before], TODAY).rows
        return [each.word for each in rows if each.kind == "baseline"]

    assert words(soft) == ["WARN"]
    assert words(soft, replace(hard)) == words(hard, soft) == ["FAIL"]


def test_rows_by_their_words() -> None:
    rows = [Row("gate", name, word, "") for name, word in (("a", "PASS"), ("b", "FAIL"), ("c", "WARN"))]  # type: ignore[arg-type] # words
    assert [each.name for each in with_word(rows, "FAIL", "WARN")] == ["b", "c"]
