"""One list of metric names, with their units."""

import re

import pytest

from llmops.errors import UnknownName
from llmops.metrics import METRICS, unit_of


def test_a_metric_has_a_unit() -> None:
    assert unit_of("catalogue_cost_usd") == "usd"


def test_a_typo_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="no metric is named 'catalog_cost_usd'") as caught:
        unit_of("catalog_cost_usd")
    assert caught.value.hint == "did you mean 'catalogue_cost_usd'?"


@pytest.mark.parametrize(("name", "unit"), METRICS.items())
def test_the_unit_is_said_in_the_name(name: str, unit: str) -> None:
    said = {"usd": r"(^|_)usd(_|$)", "usd_per_mtok": "_usd_per_mtok$", "ratio": "_ratio$", "times": "_burn$"}
    assert re.search(said.get(unit, f"{unit}$"), name)
