"""The names of all metrics that reports carry, with their units: one list, checked by gates before a run."""

from llmops.errors import UnknownName, nearest_hint

METRICS = {
    "requests": "requests",
    "input_tokens": "tokens",
    "output_tokens": "tokens",
    "catalogue_cost_usd": "usd",
    "discounted_cost_usd": "usd",
    "reported_cost_usd": "usd",
    "usd_per_1k_requests": "usd",
    "usd_per_successful_request": "usd",
    "cached_input_ratio": "ratio",
    "failed_requests_ratio": "ratio",
    "retried_requests_ratio": "ratio",
    "unpriced_tokens_ratio": "ratio",
    "rejected_rows_ratio": "ratio",
    "peak_utilisation_ratio": "ratio",
    "api_monthly_usd": "usd",
    "self_host_naive_monthly_usd": "usd",
    "self_host_monthly_usd": "usd",
    "api_usd_per_mtok": "usd_per_mtok",
    "self_host_usd_per_mtok": "usd_per_mtok",
    "self_host_gpus": "gpus",
    "self_host_utilisation_ratio": "ratio",
    "break_even_mtok_per_month": "mtok_per_month",
    "invalid_answers_ratio": "ratio",
    "undecided_answers_ratio": "ratio",
    "http_availability_ratio": "ratio",
    "functional_availability_ratio": "ratio",
    "bad_answers_seen_ratio": "ratio",
    "detection_delay_s": "s",
    "false_trips": "trips",
    "breaker_openings": "openings",
    "success_ratio": "ratio",
    "functional_success_ratio": "ratio",
    "hang_ratio": "ratio",
    "storm_ratio": "ratio",
    "laundered_ratio": "ratio",
    "masked_error_ratio": "ratio",
    "wrong_model_ratio": "ratio",
    "rescued_ratio": "ratio",
    "mean_attempts": "attempts",
    "time_to_detect_s": "s",
    "time_to_mitigate_s": "s",
    "time_to_recover_s": "s",
    "scenario_cost_usd": "usd",
}
"""Metric name to unit. `ratio` runs from 0 to 1."""


def unit_of(name: str) -> str:
    """The unit of a metric. UnknownName, with the nearest name as the hint, where there is none."""
    if name not in METRICS:
        raise UnknownName(f"no metric is named {name!r}", hint=nearest_hint(name, METRICS))
    return METRICS[name]
