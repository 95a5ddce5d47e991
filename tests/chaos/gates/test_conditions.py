"""What a bound holds, and which bounds have nothing to decide."""

from decimal import Decimal

import pytest

from llmops.chaos.gates.conditions import Bound, needed_samples, refusal


def bound(metric: str, side: str, limit: str, *, strict: bool = False, over: int | None = None) -> Bound:
    return Bound(metric, side, Decimal(limit), strict, over)  # type: ignore[arg-type] # a side


@pytest.mark.parametrize(
    ("side", "strict", "value", "holds"),
    [
        ("at_most", False, "0.6", True),
        ("at_most", True, "0.6", False),
        ("at_most", True, "0.5999999", True),
        ("at_most", False, "0.6000001", False),
        ("at_least", False, "0.6", True),
        ("at_least", True, "0.6", False),
        ("at_least", True, "0.6000001", True),
        ("at_least", False, "0.5999999", False),
    ],
)
def test_the_limit_itself_holds_unless_the_bound_is_strict(side: str, strict: bool, value: str, holds: bool) -> None:
    assert bound("ttft_p95_s", side, "0.6", strict=strict).holds(Decimal(value)) is holds


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        (bound("functional_success_ratio", "at_least", "0.995"), 765),  # 3.841459 * 0.995 / 0.005 = 764.45
        (bound("functional_success_ratio", "at_least", "0.99"), 381),  # 3.841459 * 0.99 / 0.01 = 380.3
        (bound("laundered_ratio", "at_most", "0"), 35),  # rules out 0.1: 3.841459 * 0.9 / 0.1 = 34.57
        (bound("functional_success_ratio", "at_least", "1"), 35),
        (bound("ttft_p95_s", "at_most", "1"), 72),  # 0.95^71 = 0.0262, 0.95^72 = 0.0249
        (bound("ttft_p99_s", "at_most", "1"), 368),  # 0.99^367 = 0.02501, 0.99^368 = 0.02476
        (bound("ttft_p50_s", "at_most", "1"), 6),  # 0.5^6 = 0.0156
        (bound("ttft_p95_s", "at_least", "1"), 2),  # 0.05^2 = 0.0025, 0.05^1 = 0.05
        (bound("usd_per_1k_requests", "at_most", "4"), 10),
        (bound("mean_attempts", "at_most", "2"), 10),
    ],
)
def test_so_many_samples_a_flawless_run_needs(given: Bound, needed: int) -> None:
    assert needed_samples(given) == needed


def test_a_percentile_needs_as_many_as_its_interval_takes_to_close() -> None:
    from llmops.chaos.load.percentiles import ranks

    assert (ranks(71, 95)[1], ranks(72, 95)[1]) == (None, 72)
    assert (ranks(367, 99)[1], ranks(368, 99)[1]) == (None, 368)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (bound("laundered_ratio", "at_most", "1"), "could fail it"),
        (bound("laundered_ratio", "at_most", "1", strict=True), "could fail it"),
        (bound("laundered_ratio", "at_most", "-0.1"), "could satisfy it"),
        (bound("laundered_ratio", "at_most", "0", strict=True), "could satisfy it"),
        (bound("success_ratio", "at_least", "0"), "could fail it"),
        (bound("success_ratio", "at_least", "0", strict=True), "could fail it"),
        (bound("success_ratio", "at_least", "1.01"), "could satisfy it"),
        (bound("success_ratio", "at_least", "1", strict=True), "could satisfy it"),
        (bound("ttft_p95_s", "at_most", "-1"), "could satisfy it"),
        (bound("ttft_p95_s", "at_most", "0", strict=True), "could satisfy it"),
        (bound("ttft_p95_s", "at_least", "0"), "could fail it"),
        (bound("success_ratio", "at_least", "0.995", over=764), "on 764 samples it can never hold: it needs 765"),
        (bound("ttft_p95_s", "at_most", "1", over=71), "on 71 samples it can never hold: it needs 72"),
        (bound("mean_attempts", "at_most", "2", over=9), "on 9 samples it can never hold: it needs 10"),
    ],
)
def test_what_nothing_satisfies_or_nothing_fails_is_refused(given: Bound, why: str) -> None:
    assert why in refusal(given)


@pytest.mark.parametrize(
    "given",
    [
        bound("laundered_ratio", "at_most", "0"),
        bound("success_ratio", "at_least", "1"),
        bound("success_ratio", "at_least", "0.995", over=765),
        bound("ttft_p95_s", "at_most", "1", over=72),
        bound("goodput_per_second", "at_least", "0", strict=True),
        bound("false_trips", "at_most", "0"),
    ],
)
def test_what_can_be_satisfied_and_failed_is_not(given: Bound) -> None:
    assert refusal(given) == ""


@pytest.mark.parametrize(
    ("metric", "is_of_samples"),
    [
        ("mean_attempts", True),
        ("usd_per_1k_requests", True),
        ("e2e_mean_s", True),
        ("e2e_max_s", True),
        ("goodput_per_second", True),
        ("laundered_ratio", True),
        ("time_to_detect_s", False),
        ("api_monthly_usd", False),
        ("api_usd_per_mtok", False),
        ("requests", False),
        ("false_trips", False),
    ],
)
def test_a_mean_is_nothing_without_its_samples(metric: str, is_of_samples: bool) -> None:
    assert bound(metric, "at_most", "0.5").is_of_samples is is_of_samples
