from math import inf

import pytest

from llmops.chaos.experiments.percentile import percentile


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([1, 2, 3, 4], 50, 2.5),
        ([4, 3, 2, 1], 25, 1.75),
        ([1, 2, 3, 4, 5], 50, 3),
        ([10], 99, 10),
        ([0, 100], 95, 95),
        ([1, 2], 100, 2),
        ([1, 2], 0, 1),
    ],
)
def test_by_linear_interpolation(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == pytest.approx(expected)


def test_of_nothing_there_is_none() -> None:
    assert percentile([], 50) is None


def test_among_values_that_never_came_there_is_none() -> None:
    assert percentile([1, 2, inf], 50) == 2
    assert percentile([1, 2, inf], 75) is None
    assert percentile([inf, inf], 50) is None
