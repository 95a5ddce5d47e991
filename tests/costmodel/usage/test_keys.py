import pytest

from llmops.costmodel.usage.keys import BY, Grouping, group_columns, shown
from llmops.costmodel.usage.schema import PriceEdges
from llmops.errors import UnknownName


def test_a_group_that_is_not_known_is_answered_with_the_nearest() -> None:
    assert len(group_columns(BY)) == len(BY)
    with pytest.raises(UnknownName, match="nothing can be grouped by 'modle'") as caught:
        group_columns(["modle"])
    assert caught.value.hint == "did you mean 'model'?"


def test_days_and_hours_are_shown_as_text() -> None:
    day = 20454  # 2026-01-01, days since 1970
    assert shown([day, day * 24 + 14, "red", None], ["day", "hour", "team", "day"]) == (
        "2026-01-01",
        "2026-01-01 14:00",
        "red",
        None,
    )


def test_columns_with_one_value_are_not_grouped() -> None:
    constants = {"provider": "it's", "model_requested": None, "requests": 1}
    grouping = Grouping(PriceEdges(), (), use_day=True, constants=constants)
    assert grouping.columns()[:3] == ["model_served", "NULL", "'it''s'"]
    assert grouping.grouped() == "group by 1, 4, 5, 6, 7"  # served model, processing, tier, speed, day
