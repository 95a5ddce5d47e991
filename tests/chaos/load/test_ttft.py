"""What recorded calls say about latency; definitions and figures of reliability.md, section 3."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.load.perception import bands
from llmops.chaos.load.recorded import merged, read_recordings
from llmops.chaos.load.ttft import DIMENSIONS, Analysis, Slo, analysed
from llmops.errors import BadInput
from llmops.ports import TimedCalls

NAN = math.nan


def calls(*rows: Sequence[float], route: str = "a", model: str = "m", ok: bool = True, **more: Any) -> TimedCalls:
    """Rows of TTFT, E2E and visible tokens."""
    n = len(rows)
    return TimedCalls(
        models=[model] * n,
        routes=[route] * n,
        tenants=[None] * n,
        succeeded=[ok] * n,
        ttft_s=[row[0] for row in rows],
        e2e_s=[row[1] for row in rows],
        visible_tokens=[row[2] for row in rows],
        **more,
    )


def analyse(*parts: TimedCalls, slo: Slo = Slo(), by: Sequence[str] = DIMENSIONS) -> Analysis:  # noqa: B008 - frozen
    return analysed(merged(parts), by=by, slo=slo, bands=bands("perception"))


# --- the definitions


def test_tpot_is_the_time_after_the_first_token_over_the_tokens_after_it() -> None:
    whole = analyse(calls((1.0, 3.0, 5), (1.0, 3.0, 5))).whole
    assert whole.p50("tpot").value == 0.5  # (3 - 1) / (5 - 1)


@pytest.mark.parametrize("tokens", [1, 0, NAN])
def test_an_answer_of_one_token_or_of_unknown_many_has_no_tpot(tokens: float) -> None:
    whole = analyse(calls((1.0, 3.0, tokens), (1.0, 3.0, tokens))).whole
    assert whole.samples["tpot"].n == 0
    assert whole.samples["ttft"].n == 2


def test_itl_is_all_gaps_together() -> None:
    whole = analyse(calls((1.0, 3.0, 5), (1.0, 3.0, 5), gaps_s=[[0.1, 0.1, 0.4], [0.2]])).whole
    assert (whole.samples["itl"].n, whole.p50("itl").value) == (4, pytest.approx(0.15))


def test_failed_calls_are_counted_and_not_measured() -> None:
    whole = analyse(calls((1.0, 2.0, 5), (1.0, 2.0, 5)), calls((0.001, 0.001, 5), ok=False)).whole
    assert (whole.n, whole.succeeded, whole.samples["e2e"].n) == (3, 2, 2)
    assert whole.p50("ttft").value == 1.0


def test_what_nobody_measured_is_unknown() -> None:
    whole = analyse(calls((NAN, 2.0, 5), (NAN, 2.0, 5))).whole
    assert whole.p50("ttft").value is None
    assert whole.samples["scheduled_latency"].n == 0
    assert sum(whole.in_bands.values()) == 0


# --- goodput


@pytest.mark.parametrize(
    ("row", "counts"),  # good, bad, failed, unknown under TTFT <= 0.5 s and TPOT <= 0.05 s
    [
        ((0.5, 0.7, 5), (1, 0, 0, 0)),  # TPOT 0.2 / 4 = 0.05, both at their limits
        ((0.501, 0.7, 5), (0, 1, 0, 0)),
        ((0.5, 0.8, 5), (0, 1, 0, 0)),
        ((0.5, 9.0, 1), (1, 0, 0, 0)),  # one token: there is no gap that could be too long
        ((NAN, 9.0, 5), (0, 0, 0, 1)),
        ((0.5, 9.0, NAN), (0, 0, 0, 1)),
        ((0.501, 9.0, NAN), (0, 1, 0, 0)),  # whatever its TPOT was
    ],
)
def test_a_call_is_good_bad_or_unknown(row: tuple[float, float, float], counts: tuple[int, ...]) -> None:
    found = analyse(calls(row)).whole.goodput
    assert (found.good, found.bad, found.failed, found.unknown) == counts


def test_goodput_is_told_of_the_successful_and_of_all() -> None:
    rows = [(0.1, 0.2, 5)] * 3 + [(0.9, 1.0, 5)] + [(NAN, 1.0, 5)]
    found = analyse(calls(*rows), calls((0.1, 0.1, 5), (0.1, 0.1, 5), ok=False)).whole.goodput
    assert found.of_successful == (3, 4)
    assert found.of_all == (3, 6)  # with the 2 that failed; the unknown one is in neither


def test_an_objective_may_be_left_out_or_added() -> None:
    row = (0.9, 9.0, 5)
    assert analyse(calls(row), slo=Slo(None, None)).whole.goodput.good == 1
    assert analyse(calls(row), slo=Slo(None, None, e2e_s=8.9)).whole.goodput.bad == 1


def test_a_user_waits_from_when_a_call_was_due() -> None:
    scheduled = calls((0.1, 0.2, 1), scheduled_ttft_s=[2.0], scheduled_latency_s=[2.1])
    whole = analyse(scheduled).whole
    assert whole.goodput.bad == 1
    assert whole.in_bands["actively waiting"] == 1
    assert whole.goodput != analyse(calls((0.1, 0.2, 1))).whole.goodput


def test_waits_are_counted_by_band() -> None:
    found = analyse(calls(*((wait, 99.0, 1) for wait in (0.0999, 0.1, 0.4, 1.0, 2.5, 10.0, 10.1)))).whole.in_bands
    assert found == {
        "instantaneous": 1,
        "noticeable, flow intact": 3,
        "actively waiting": 2,
        "disengaged": 1,
    }


# --- groups


def test_calls_are_told_apart_by_what_differs() -> None:
    parts = [calls((1.0, 2.0, 5), route=route) for route in ("b", "a", "b")]
    found = analyse(*parts)
    assert [(group.scope, group.n) for group in found.groups] == [({"route": "a"}, 1), ({"route": "b"}, 2)]
    assert (found.whole.scope, found.whole.n, found.whole.name) == ({}, 3, "all calls")
    assert analyse(parts[0]).groups == []
    assert analyse(*parts, by=["tenant"]).groups == []


def test_a_label_that_is_not_said_has_a_name() -> None:
    unsaid = TimedCalls([None], ["a"], [None], [True], [1.0], [2.0], [5.0])
    found = analyse(unsaid, calls((1.0, 2.0, 5)))
    assert [group.name for group in found.groups] == ["(none)", "m"]


def test_a_dimension_that_calls_do_not_have_is_refused() -> None:
    with pytest.raises(BadInput, match="no 'modl'") as caught:
        analyse(calls((1.0, 2.0, 5)), by=["modl"])
    assert caught.value.hint == "did you mean 'model'?"


# --- the paradox


def test_the_model_that_feels_faster_may_take_longer() -> None:
    # The example of the post: A, 500 words in 8 s with a TTFT of 2.5 s; B, the same in 12 s with one of 0.4 s.
    found = analyse(calls(*[(2.5, 8.0, 500)] * 6, route="A"), calls(*[(0.4, 12.0, 500)] * 6, route="B"))
    (paradox,) = found.paradoxes
    assert (paradox.first.name, paradox.whole.name) == ("B", "A")
    ratio = (paradox.whole.p50("ttft").value or 0) / (paradox.first.p50("ttft").value or 1)
    assert ratio == pytest.approx(6.25)


def test_where_both_rankings_agree_there_is_no_paradox() -> None:
    found = analyse(calls(*[(0.4, 8.0, 500)] * 6, route="A"), calls(*[(2.5, 12.0, 500)] * 6, route="B"))
    assert (found.paradoxes, found.undecided) == ([], 0)
    ties = analyse(calls(*[(0.4, 8.0, 500)] * 6, route="A"), calls(*[(0.4, 12.0, 500)] * 6, route="B"))
    assert (ties.paradoxes, ties.undecided) == ([], 0)


def test_a_disagreement_within_the_noise_is_no_paradox() -> None:
    one = calls(*[(0.1 * n, 10.0 - 0.1 * n, 5) for n in range(1, 11)], route="A")  # medians 0.55 and 9.45
    other = calls(*[(0.1 * n + 0.02, 9.9 - 0.1 * n, 5) for n in range(1, 11)], route="B")
    found = analyse(one, other)
    assert (found.paradoxes, found.undecided) == ([], 1)


# --- real data

TABLE = {  # reliability.md 3.5: ok, all, TTFT p50, p95, p99, E2E p50, TPOT p50 ms, goodput of the successful
    "anyscale": (150, 150, 0.213, 0.362, 0.475, 2.260, 13.8, 0.99),
    "groq": (150, 150, 0.222, 0.304, 0.350, 0.805, 3.7, 1.00),
    "perplexity": (148, 150, 0.366, 0.634, 0.659, 4.972, 30.5, 0.74),
    "bedrock": (101, 150, 0.388, 0.542, 0.687, 6.989, 43.9, 0.88),
    "fireworks": (150, 150, 0.517, 0.787, 0.951, 3.772, 21.6, 0.43),
    "together": (150, 150, 0.635, 0.770, 0.871, 2.438, 11.5, 0.05),
    "lepton": (20, 150, 0.925, 1.012, None, 4.567, 24.1, 0.00),  # p99 needs 100 samples
    "replicate": (145, 145, 1.188, 24.228, 63.626, 12.371, 85.6, 0.00),
}


@pytest.fixture(scope="module")
def of_70b(shared_data: Path) -> Analysis:
    files = sorted((shared_data / "ttft" / "individual").glob("*_70b.json"))
    return analyse(*(each.calls for each in read_recordings([*map(str, files)], lambda _: pytest.fail("is no log"))))


@pytest.mark.parametrize("provider", TABLE)
def test_the_published_figures_of_eight_providers_come_out(of_70b: Analysis, provider: str) -> None:
    (group,) = [group for group in of_70b.groups if group.scope == {"route": provider}]
    succeeded, n, p50, p95, p99, e2e, tpot_ms, goodput = TABLE[provider]
    assert (group.succeeded, group.n) == (succeeded, n)
    ttft = [group.samples["ttft"].percentile(percent).value for percent in (50, 95, 99)]
    assert ttft == [value if value is None else pytest.approx(value, abs=0.001) for value in (p50, p95, p99)]
    assert group.p50("e2e").value == pytest.approx(e2e, abs=0.001)
    assert 1000 * (group.p50("tpot").value or 0) == pytest.approx(tpot_ms, abs=0.06)
    good, of = group.goodput.of_successful
    assert good / of == pytest.approx(goodput, abs=0.006)


def test_goodput_over_all_requests_falls_where_many_failed(of_70b: Analysis) -> None:
    ratios = {group.name: group.goodput.of_all[0] / group.goodput.of_all[1] for group in of_70b.groups}
    assert ratios["bedrock"] == pytest.approx(0.59, abs=0.006)
    assert ratios["perplexity"] == pytest.approx(0.73, abs=0.006)


def test_together_beats_perplexity_in_total_and_loses_in_ttft(of_70b: Analysis) -> None:
    pairs = {(paradox.first.name, paradox.whole.name) for paradox in of_70b.paradoxes}
    assert ("perplexity", "together") in pairs
    assert ("together", "perplexity") not in pairs
    assert ("groq", "replicate") not in pairs  # groq is first in both
    by_ttft, by_e2e = (
        [group.name for group in sorted(of_70b.groups, key=lambda group: group.p50(measure).value or 0)]
        for measure in ("ttft", "e2e")
    )
    assert (by_ttft.index("perplexity") + 1, by_ttft.index("together") + 1) == (3, 6)
    assert (by_e2e.index("perplexity") + 1, by_e2e.index("together") + 1) == (6, 3)
