import math

import pytest

from llmops.chaos.cli.breaker_options import baseline_of, reading_of
from llmops.chaos.reliability.breaker import Baseline
from llmops.chaos.reliability.trace import Reading
from llmops.errors import BadInput


def reading(*, latency: str = "total", sample: float = 1.0) -> Reading:
    return reading_of(latency=latency, error_status=[401], provider="a", sample=sample, seed=0, allow_model=["gpt*"])


def test_what_is_not_given_is_not_known() -> None:
    assert baseline_of(None, 0.9) == Baseline(None, 0.9)


@pytest.mark.parametrize(
    ("p95_s", "quality"),
    [
        *((wrong, None) for wrong in (0.0, -1.0, math.nan, math.inf)),
        *((None, wrong) for wrong in (0.0, 1.01, math.nan, math.inf)),
    ],
)
def test_a_baseline_that_cannot_be_is_refused(p95_s: float | None, quality: float | None) -> None:
    with pytest.raises(BadInput, match="--baseline"):
        baseline_of(p95_s, quality)


def test_options_say_how_a_trace_is_read() -> None:
    found = reading(latency="ttft")
    assert (found.latency, found.error_statuses, found.provider) == ("ttft", frozenset({401}), "a")


def test_options_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadInput, match="--latency 'p95' is none"):
        reading(latency="p95")
    for sample in (0.0, 1.1, math.nan, math.inf):
        with pytest.raises(BadInput, match="--sample"):
            reading(sample=sample)
