"""An analysis of latencies as tables and a chart."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from llmops.chaos.load.latency_tables import Judged, chart, slo_in_words, tables
from llmops.chaos.load.perception import bands
from llmops.chaos.load.recorded import merged
from llmops.chaos.load.ttft import Slo, analysed
from llmops.ports import TimedCalls
from llmops.renderers.text import Text
from llmops.report import Report, Table

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def calls(*rows: Sequence[float], route: str = "a", ok: bool = True, **more: Any) -> TimedCalls:
    n = len(rows)
    ttft, e2e, tokens = ([row[at] for row in rows] for at in range(3))
    return TimedCalls(["m"] * n, [route] * n, [None] * n, [ok] * n, ttft, e2e, tokens, **more)


def judged(*parts: TimedCalls) -> Judged:
    slo, scheme = Slo(), bands("perception")
    return Judged(analysed(merged(parts), by=["model", "route"], slo=slo, bands=scheme), slo, scheme)


ONE = judged(calls(*[(0.2, 1.0, 5)] * 20))
PARADOX = judged(calls(*[(2.5, 8.0, 500)] * 6, route="A"), calls(*[(0.4, 12.0, 500)] * 6, route="B"))


def table(found: Judged, name: str, *, of_all: bool = True) -> Table:
    return next(table for table in tables(found, of_all=of_all) if table.name == name)


def test_too_few_calls_are_said_in_place_of_a_percentile() -> None:
    row = table(ONE, "latency").rows[0]
    assert row == ["TTFT", 20, 0.2, "0.2 to 0.2", 0.2, "too few", 0.2]
    assert table(judged(calls(*[(0.2, 1.0, 5)] * 3)), "latency").rows[0][2:4] == [0.2, "too few"]  # not "? to ?"


def test_every_row_is_a_measure_and_fits_the_page() -> None:
    found = table(ONE, "latency")
    report = Report(
        kind="ttft", id="x", started_at=NOW, finished_at=NOW, tool_version="0", title="t", tables=[found],
    )  # fmt: skip
    lines = Text().render(report).splitlines()
    below = lines[lines.index("Latency") + 2 :]
    assert [line.split()[0] for line in below[:3]] == ["TTFT", "TPOT", "E2E"]
    assert "0.2 to 0.2" in below[0]


def test_what_nobody_measured_has_no_row() -> None:
    assert [row[0] for row in table(ONE, "latency").rows] == ["TTFT", "TPOT", "E2E"]
    unknown = judged(calls((math.nan, 1.0, 5)))
    assert [each.name for each in tables(unknown, of_all=True)] == ["latency"]  # no goodput, no waits


def test_definitions_stand_once_below_the_first_table() -> None:
    for of_all in (True, False):
        first, *others = tables(PARADOX, of_all=of_all)
        assert "first visible token" in first.note
        assert not any("first visible token" in each.note for each in others)


def test_ranks_stand_beside_each_other() -> None:
    rows = table(PARADOX, "totals").rows
    assert [(row[0], row[-2], row[-1]) for row in rows] == [("A", 2, 1), ("B", 1, 2)]


def test_the_chart_has_a_bar_a_group_and_no_range_that_is_open() -> None:
    (bars,) = chart(judged(calls(*[(0.2, 1.0, 5)] * 3, route="few"), calls(*[(0.4, 1.0, 5)] * 6, route="six")))
    assert [(bar.label, bar.value, bar.low, bar.high) for bar in bars.bars] == [
        ("few", 0.2, None, None),  # of 3 samples no interval at 95 % is known: 2 * 0.5^3 = 0.25
        ("six", 0.4, 0.4, 0.4),
    ]


def test_nothing_is_shown_of_nothing() -> None:
    nothing = judged(TimedCalls((), (), (), (), (), (), ()))
    assert list(tables(nothing, of_all=True)) == []
    assert list(chart(nothing)) == []


def test_objectives_are_said_in_words() -> None:
    assert slo_in_words(Slo()) == "TTFT at most 0.5 s, TPOT at most 0.05 s"
    assert slo_in_words(Slo(None, None, 9.0)) == "E2E at most 9 s"
    assert slo_in_words(Slo(None, None)) == "no limit"
