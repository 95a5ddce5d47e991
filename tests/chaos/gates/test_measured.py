"""One metric against one bound; expected verdicts worked out by hand from the intervals."""

from decimal import Decimal
from typing import Any

import pytest

from llmops.chaos.gates.conditions import Bound
from llmops.chaos.gates.grammar import condition_of
from llmops.chaos.gates.measured import Found, counts_of, ends, found, shown
from llmops.chaos.gates.results.schema import Metric
from llmops.metrics import unit_of


def metric(name: str, value: str | None, n: int | None = None, **more: Any) -> Metric:
    number = None if value is None else Decimal(value)
    given = {"interval": None, "numerator": None, "denominator": None, "scope": {}, **more}
    return Metric.model_validate({"name": name, "value": number, "n": n, "unit": unit_of(name), **given}, strict=False)


def ratio(name: str, count: int, n: int) -> Metric:
    value = str(Decimal(count) / n) if n else None
    return metric(name, value, n, numerator=count, denominator=n)


def between(name: str, value: str, low: float | None, high: float | None, n: int = 200) -> Metric:
    ends = {"low": low and Decimal(str(low)), "high": high and Decimal(str(high)), "level": Decimal("0.95")}
    return metric(name, value, n, interval=ends)


def judged(one: Metric, text: str) -> Found:
    bound = condition_of(text)
    assert isinstance(bound, Bound)
    return found(one, bound)


@pytest.mark.parametrize(
    ("count", "n", "text", "word"),
    [
        (500, 500, "functional_success_ratio >= 0.995", "INVALID"),  # the interval begins at 0.9924
        (765, 765, "functional_success_ratio >= 0.995", "PASS"),
        (765, 765, "functional_success_ratio > 0.995", "PASS"),
        (20, 40, "functional_success_ratio >= 0.9", "FAIL"),
        (36, 40, "functional_success_ratio >= 0.9", "INVALID"),  # the limit itself
        (764, 765, "functional_success_ratio >= 1", "FAIL"),
        (35, 35, "functional_success_ratio >= 1", "PASS"),
        (0, 34, "laundered == 0", "INVALID"),
        (0, 35, "laundered == 0", "PASS"),
        (1, 1000, "laundered == 0", "FAIL"),
        (1, 3, "laundered == 0", "FAIL"),
        (0, 72, "laundered_ratio <= 0.05", "INVALID"),
        (0, 73, "laundered_ratio <= 0.05", "PASS"),  # 3.841459 * 0.95 / 0.05 = 72.99
        (0, 0, "laundered == 0", "INVALID"),
        (80, 80, "functional_success_ratio >= 0.9 over 80", "PASS"),
        (79, 79, "functional_success_ratio >= 0.9 over 80", "INVALID"),
    ],
)
def test_a_ratio_is_judged_on_its_counts_by_the_rule_of_expectations(count: int, n: int, text: str, word: str) -> None:
    name = text.split(maxsplit=1)[0]
    assert judged(ratio("laundered_ratio" if name == "laundered" else name, count, n), text).word == word


def test_it_says_how_many_would_decide() -> None:
    said = judged(ratio("functional_success_ratio", 500, 500), "functional_success_ratio >= 0.995")
    assert said.reason == (
        "functional_success_ratio is 500 of 500 (interval 99.24 % to 100 %): "
        "at least 99.5 % is not decided, it takes 765"
    )
    assert said.is_undecided


def test_too_few_to_say_anything_is_not_merely_undecided() -> None:
    """Nine of nine, and what the gate's own count is not reached by, are a lack of data."""
    assert not judged(ratio("functional_success_ratio", 9, 9), "functional_success_ratio >= 0.9").is_undecided
    assert judged(ratio("functional_success_ratio", 10, 10), "functional_success_ratio >= 0.9").is_undecided
    assert not judged(ratio("functional_success_ratio", 79, 79), "functional_success_ratio >= 0.9 over 80").is_undecided


@pytest.mark.parametrize(
    ("low", "high", "text", "word"),
    [
        (0.5, 0.6, "ttft_p95_s <= 0.6", "PASS"),
        (0.5, 0.6, "ttft_p95_s < 0.6", "INVALID"),
        (0.5, 0.61, "ttft_p95_s <= 0.6", "INVALID"),
        (0.6, 0.7, "ttft_p95_s <= 0.6", "INVALID"),
        (0.6, 0.7, "ttft_p95_s < 0.6", "FAIL"),
        (0.61, 0.7, "ttft_p95_s <= 0.6", "FAIL"),
        (0.5, None, "ttft_p95_s <= 0.6", "INVALID"),
        (0.61, None, "ttft_p95_s <= 0.6", "FAIL"),
        (None, 0.6, "ttft_p95_s <= 0.6", "PASS"),
        (0.61, 0.7, "ttft_p95_s >= 0.6", "PASS"),
        (0.4, 0.5, "ttft_p95_s >= 0.6", "FAIL"),
    ],
)
def test_what_has_an_interval_is_judged_by_its_ends(
    low: float | None, high: float | None, text: str, word: str
) -> None:
    assert judged(between("ttft_p95_s", "0.6", low, high), text).word == word


@pytest.mark.parametrize(("level", "word"), [("0.95", "PASS"), ("0.99", "PASS"), ("0.5", "INVALID"), (None, "INVALID")])
def test_a_percentile_is_judged_by_an_interval_of_95_percent_or_more(level: str | None, word: str) -> None:
    ends = {"low": Decimal("0.4"), "high": Decimal("0.5"), "level": level and Decimal(level)}
    assert judged(metric("ttft_p95_s", "0.45", 200, interval=ends), "ttft_p95_s <= 0.6").word == word


def test_a_percentile_with_an_open_end_says_how_many_close_it() -> None:
    said = judged(between("ttft_p95_s", "0.5", 0.4, None, n=40), "ttft_p95_s < 0.6")
    assert said.reason == (
        "ttft_p95_s is 0.5 s (interval 0.4 s to open) on 40 samples: below 0.6 s is not decided, it takes 72"
    )
    assert not said.is_undecided


def test_a_range_of_assumptions_is_judged_by_its_ends_too() -> None:
    cost = between("self_host_monthly_usd", "14100.00", 9400, 18800)
    assert judged(cost, "self_host_monthly_usd < 20000").word == "PASS"
    assert judged(cost, "self_host_monthly_usd < 9000").word == "FAIL"
    undecided = judged(cost, "self_host_monthly_usd < 15000")
    assert (undecided.word, undecided.is_undecided) == ("INVALID", True)
    assert "the limit lies inside" in undecided.reason


@pytest.mark.parametrize(
    ("one", "text", "word"),
    [
        (metric("usd_per_1k_requests", "3.9912", 200), "usd_per_1k_requests < 4", "PASS"),
        (metric("usd_per_1k_requests", "4.00", 200), "usd_per_1k_requests < 4", "FAIL"),
        (metric("usd_per_1k_requests", "4.00", 200), "usd_per_1k_requests <= 4", "PASS"),
        (metric("usd_per_1k_requests", "4.00000000000000000001", 200), "usd_per_1k_requests <= 4", "FAIL"),
        (metric("usd_per_1k_requests", "3.00", 10), "usd_per_1k_requests <= 4", "PASS"),
        (metric("usd_per_1k_requests", "3.00", 9), "usd_per_1k_requests <= 4", "INVALID"),
        (metric("usd_per_1k_requests", "3.00", 0), "usd_per_1k_requests <= 4", "INVALID"),
        (metric("usd_per_1k_requests", "3.00", 99), "usd_per_1k_requests <= 4 over 100", "INVALID"),
        (metric("usd_per_1k_requests", "3.00"), "usd_per_1k_requests <= 4 over 100", "INVALID"),
        (metric("usd_per_1k_requests", "3.00"), "usd_per_1k_requests <= 4", "INVALID"),
        (metric("mean_attempts", "1"), "attempts_per_request <= 2", "INVALID"),
        (metric("mean_attempts", "2", 80), "attempts_per_request <= 2", "PASS"),
        (metric("mean_attempts", "2.0125", 80), "attempts_per_request <= 2", "FAIL"),
        (metric("time_to_recover_s", "17.58"), "time_to_recover_s <= 20", "PASS"),
        (metric("time_to_recover_s", None), "time_to_recover_s <= 20", "INVALID"),
        (metric("functional_availability_ratio", "0.9", 0), "functional_availability_ratio >= 0.5", "INVALID"),
        (metric("ttft_p95_s", "0.5", 200), "ttft_p95_s <= 0.6", "INVALID"),  # a percentile has an interval
        (metric("peak_utilisation_ratio", "0.5"), "peak_utilisation_ratio >= 0.2", "INVALID"),
        (metric("requests", "1000"), "requests >= 1000", "PASS"),
    ],
)
def test_what_has_neither_counts_nor_interval_is_compared_as_it_is(one: Metric, text: str, word: str) -> None:
    assert judged(one, text).word == word


def test_a_limit_is_exact_where_floats_are_not() -> None:
    """0.1 + 0.2 > 0.3 in floats; a result that says 0.3 has 0.3."""
    assert judged(metric("time_to_detect_s", "0.3"), "time_to_detect_s <= 300 ms").word == "PASS"
    assert judged(metric("time_to_detect_s", "0.3"), "time_to_detect_s >= 0.3").word == "PASS"


def test_a_mean_of_scores_counts_as_a_ratio_of_as_many() -> None:
    """Scores from 0 to 1 vary at most as yes and no do: 45 points of 50 are judged as 45 of 50."""
    scores = metric("functional_availability_ratio", "0.9", 50)
    assert counts_of(scores) == (45.0, 50)
    held = judged(scores, "functional_availability_ratio >= 0.75")  # 0.15 > 1.96 * sqrt(0.1875 / 50) = 0.12
    assert held.word == "PASS"
    assert held.reason.startswith("functional_availability_ratio is 90 % on 50 (interval 78.64 % to 95.65 %)")
    close = judged(scores, "functional_availability_ratio >= 0.8")  # 0.1 < 1.96 * sqrt(0.16 / 50) = 0.111
    assert close.word == "INVALID"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("0.6", "s", "0.6 s"),
        ("0.9992", "ratio", "99.92 %"),
        ("25076922", "tokens", "25,076,922 tokens"),
        ("3.9912", "usd", "3.9912 USD"),
        ("12345.678", "usd", "12,345.7 USD"),
    ],
)
def test_a_value_is_shown_with_its_unit(value: str, unit: str, words: str) -> None:
    assert shown(Decimal(value), unit) == words


def test_an_interval_is_shown_where_it_has_an_end() -> None:
    assert ends(None, None, "s") == ""
    assert ends(0.25, None, "s") == " (interval 0.25 s to open)"


def test_an_interval_of_nobody_knows_how_many_is_no_proof_of_a_ratio() -> None:
    ends = {"low": Decimal("0.995"), "high": Decimal(1), "level": Decimal("0.95")}
    said = judged(metric("functional_success_ratio", "1", None, interval=ends), "functional_success_ratio >= 0.99")
    assert said == Found("INVALID", "functional_success_ratio does not say on how many it was measured")
    assumed = metric(
        "self_host_utilisation_ratio", "0.3", None, interval={**ends, "low": Decimal("0.2"), "level": None}
    )
    assert judged(assumed, "self_host_utilisation_ratio >= 0.1").word == "PASS"  # a model's range counts nothing


def test_a_limit_of_all_asks_whether_one_missed_and_says_so() -> None:
    said = judged(ratio("functional_success_ratio", 35, 35), "functional_success_ratio >= 1")
    assert said.word == "PASS"
    assert said.reason.endswith("(interval 90.11 % to 100 %): not a single miss holds")
    one_missed = judged(ratio("functional_success_ratio", 499, 500), "functional_success_ratio >= 1")
    assert (one_missed.word, one_missed.reason.endswith(": not a single miss does not hold")) == ("FAIL", True)
    assert (
        judged(ratio("functional_success_ratio", 380, 380), "functional_success_ratio >= 1 over 381").word == "INVALID"
    )
