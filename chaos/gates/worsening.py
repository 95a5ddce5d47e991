"""Which metrics can be worse than before, and in which way: a metric that is not here is not compared."""

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
"""Times of single moments, such as time_to_recover_s, are not compared: one of each is no sample."""
