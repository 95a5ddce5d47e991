"""What an analysis of latencies looks like in a report."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from llmops.chaos.load import latency_report as latency
from llmops.chaos.load.latency_tables import Judged
from llmops.chaos.load.perception import bands
from llmops.chaos.load.recorded import merged
from llmops.chaos.load.ttft import Slo, analysed
from llmops.metrics import METRICS
from llmops.ports import TimedCalls
from llmops.report import Finding


def calls(*rows: Sequence[float], route: str = "a", ok: bool = True, **more: Any) -> TimedCalls:
    n = len(rows)
    ttft, e2e, tokens = ([row[at] for row in rows] for at in range(3))
    return TimedCalls(["m"] * n, [route] * n, [None] * n, [ok] * n, ttft, e2e, tokens, **more)


def judged(*parts: TimedCalls) -> Judged:
    slo, scheme = Slo(), bands("perception")
    return Judged(analysed(merged(parts), by=["model", "route"], slo=slo, bands=scheme), slo, scheme)


ONE = judged(calls(*[(0.2, 1.0, 5)] * 20))
PARADOX = judged(calls(*[(2.5, 8.0, 500)] * 6, route="A"), calls(*[(0.4, 12.0, 500)] * 6, route="B"))


def test_too_few_calls_give_no_percentile() -> None:
    (p95,) = [metric for metric in latency.metrics(ONE) if metric.name == "ttft_p95_s"]
    (p99,) = [metric for metric in latency.metrics(ONE) if metric.name == "ttft_p99_s"]
    assert (p95.value, p95.n, p99.value, p99.n, p99.interval) == (0.2, 20, None, 20, None)
    assert p95.interval is not None
    assert (p95.interval.low, p95.interval.high, p95.interval.level) == (0.2, None, 0.95)  # open: 72 are needed


def test_every_metric_has_a_unit() -> None:
    scheduled = judged(calls(*[(0.2, 1.0, 5)] * 3, gaps_s=[[0.1]] * 3, scheduled_ttft_s=[1.0] * 3,
                             scheduled_latency_s=[2.0] * 3))  # fmt: skip
    names = {metric.name for each in (ONE, PARADOX, scheduled) for metric in latency.metrics(each)}
    assert names <= METRICS.keys()
    assert {"ttft_p50_s", "itl_p95_s", "tpot_p99_s", "e2e_mean_s", "scheduled_latency_max_s", "goodput_ratio"} <= names


def test_what_nobody_measured_has_no_metric() -> None:
    assert not [metric for metric in latency.metrics(ONE) if metric.name.startswith(("itl", "scheduled"))]


def test_metrics_are_scoped_to_their_group() -> None:
    found = {
        tuple(metric.scope.items()): metric.value for metric in latency.metrics(PARADOX) if metric.name == "ttft_p50_s"
    }
    assert found == {(): pytest.approx(1.45), (("route", "A"),): 2.5, (("route", "B"),): 0.4}
    (flag,) = [metric for metric in latency.metrics(PARADOX) if metric.name == "ttft_paradox_pairs"]
    assert flag.value == 1


def test_ratios_show_what_they_are_made_of() -> None:
    some = judged(calls((0.1, 0.2, 5), (0.1, 0.2, 5), (0.9, 1.0, 5)), calls((0.1, 0.1, 5), ok=False))
    found = {metric.name: metric for metric in latency.metrics(some)}
    assert [found["goodput_ratio"].numerator, found["goodput_ratio"].denominator] == [2, 4]
    assert found["goodput_of_successful_ratio"].value == pytest.approx(2 / 3)
    assert found["failed_requests_ratio"].value == 0.25
    interval = found["failed_requests_ratio"].interval
    assert interval is not None
    assert interval.low == pytest.approx(0.0456, abs=0.0001)  # Wilson for 1 of 4: (0.25 + 0.4802) / 1.9604 -+ …
    assert interval.high == pytest.approx(0.6994, abs=0.0001)


def test_the_paradox_is_said_in_words() -> None:
    (finding,) = latency.findings(PARADOX)
    assert finding.level == "warn"
    assert finding.text.startswith("B feels faster and A is done sooner: TTFT 0.400 s against 2.500 s")
    assert "500 and 500 tokens" in finding.hint
    assert not list(latency.findings(ONE))


def test_failures_and_unknown_goodput_are_findings() -> None:
    some = judged(calls((math.nan, 1.0, 5)), calls((0.1, 0.1, 5), ok=False))
    levels: list[Finding] = list(latency.findings(some))
    assert [finding.level for finding in levels] == ["warn", "warn"]
    assert "1 of 2 calls failed" in levels[0].text
    assert "1 successful call it is unknown" in levels[1].text


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        ((math.nan, 1.0, 5), "record their first tokens (stream them)"),
        ((0.2, 1.0, math.nan), "have their output tokens counted"),
        ((math.nan, 1.0, math.nan), "record their first tokens (stream them), and have their output tokens counted"),
    ],
)
def test_only_what_is_missing_is_advised(row: tuple[float, float, float], hint: str) -> None:
    (finding,) = latency.findings(judged(calls(row, (0.2, 1.0, 5))))
    assert (finding.text, finding.hint) == (
        "Of 1 successful call it is unknown whether they were good: they are in neither ratio.",
        hint,
    )


def test_what_was_left_out_is_said() -> None:
    some = calls((math.nan, 1.0, 5), (0.1, 1.0, 5), set_aside={"no time": 7})
    said = list(latency.not_covered(judged(some), some))
    assert said[0] == "7 rows set aside: no time."
    assert said[1].startswith("TTFT of 1 successful call: not streamed")
    assert [line.partition(":")[0] for line in said[2:]] == ["ITL", "Coordinated omission"]
    logged = calls((math.nan, 1.0, 5), unstreamed=1, unjudged=1)
    failures, streams, *_ = latency.not_covered(judged(logged), logged)
    assert "Failures of 1 call:" in failures
    assert "not streamed" in streams


def test_nothing_is_said_of_nothing() -> None:
    nothing = judged(TimedCalls((), (), (), (), (), (), ()))
    assert latency.summary(nothing) == ["0 calls, 0 of them successful."]


def test_who_is_first_is_said_with_the_noise() -> None:
    clear = latency.summary(PARADOX)
    assert clear[1] == "By median TTFT, B is first of 2 with 0.400 s, A last with 2.500 s."
    noisy = judged(
        *(
            calls(*[(0.1 * n + more, 9.0, 5) for n in range(1, 11)], route=name)
            for name, more in (("a", 0), ("b", 0.01))
        )
    )
    assert "(within the noise of b)" in latency.summary(noisy)[1]


def test_first_and_last_are_told_apart_by_their_figures() -> None:
    near = judged(calls(*[(0.2051, 9.0, 5)] * 6, route="a"), calls(*[(0.2053, 9.0, 5)] * 6, route="b"))
    by_ttft, by_e2e = latency.summary(near)[1:]
    assert by_ttft == "By median TTFT, a is first of 2 with 0.2051 s, b last with 0.2053 s."
    assert by_e2e == "By median E2E, all 2 are the same with 9.000 s."


def test_a_short_median_is_not_said_to_be_none() -> None:
    said = latency.summary(judged(calls(*[(0.2, 0.2000296, 5)] * 3)))[1]
    assert "TPOT 0.0074 ms" in said  # 29.6 us over 4 further tokens


def test_one_call_is_no_plural() -> None:
    assert latency.summary(judged(calls((0.2, 1.0, 5))))[0] == "1 call, 1 of them successful."
