"""Counts and times in sentences."""

import pytest

from llmops.chaos.load.wording import counted, in_seconds


@pytest.mark.parametrize(("count", "said"), [(0, "0 calls"), (1, "1 call"), (2, "2 calls"), (4290, "4,290 calls")])
def test_one_is_no_plural(count: int, said: str) -> None:
    assert counted(count, "call") == said


@pytest.mark.parametrize(
    ("value_s", "said"),
    [(0.0, "0.000 s"), (7.4e-06, "0.0074 ms"), (0.0099, "9.9 ms"), (0.01, "0.010 s"), (12.3456, "12.346 s")],
)
def test_a_short_time_is_not_shown_as_none(value_s: float, said: str) -> None:
    assert in_seconds(value_s) == said
