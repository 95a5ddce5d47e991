"""Which metrics can be worse than before, and in which way: a metric that is not here is not compared, and told so."""

from dataclasses import dataclass
from typing import Literal

How = Literal["slower", "dearer", "more", "less"]


@dataclass(frozen=True)
class Worse:
    """A way in which a metric gets worse, and what it is called then."""

    how: How  # more and less: of a ratio
    word: str
    never: bool = False  # one where there was none is a regression by itself


_LATENCIES = ("ttft", "itl", "tpot", "e2e", "scheduled_ttft", "scheduled_latency")
WORSE: dict[str, Worse] = {
    "laundered_ratio": Worse("more", "laundered", never=True),
    "masked_error_ratio": Worse("more", "masking errors", never=True),
    "wrong_model_ratio": Worse("more", "of a wrong model", never=True),
    "hang_ratio": Worse("more", "hanging", never=True),
    "storm_ratio": Worse("more", "storming", never=True),
    "failed_requests_ratio": Worse("more", "failing"),
    "invalid_answers_ratio": Worse("more", "invalid"),
    "success_ratio": Worse("less", "failing"),
    "functional_success_ratio": Worse("less", "failing"),
    "http_availability_ratio": Worse("less", "failing"),
    "functional_availability_ratio": Worse("less", "failing"),
    "goodput_ratio": Worse("less", "short of goodput"),
    "goodput_of_successful_ratio": Worse("less", "short of goodput"),
    "bad_answers_seen_ratio": Worse("less", "blind"),
    "cached_input_ratio": Worse("less", "uncached"),
    "mean_attempts": Worse("dearer", "retrying"),
    "usd_per_1k_requests": Worse("dearer", "dearer"),
    "usd_per_successful_request": Worse("dearer", "dearer"),
    **{f"{name}_p{percent}_s": Worse("slower", "slower") for name in _LATENCIES for percent in (50, 95, 99)},
}
SINGLE: dict[str, Worse] = {
    **{f"time_to_{what}_s": Worse("slower", "slower") for what in ("detect", "mitigate", "recover")},
    **{f"{what}_s": Worse("slower", "slower") for what in ("detection", "mitigation", "recovery", "detection_delay")},
    **{f"fallback_{what}_s": Worse("slower", "slower") for what in ("recovery", "wake", "first_good_token")},
    "incident_cost_usd": Worse("dearer", "dearer"),
    "scenario_cost_usd": Worse("dearer", "dearer"),
    "error_budget_burn": Worse("dearer", "burning"),
}
"""Figures of one moment or one incident. One of each is no sample: they are compared where a gate names them."""
