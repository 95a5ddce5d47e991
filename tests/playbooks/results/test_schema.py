"""What pages show of a result."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from llmops.errors import NoData
from llmops.playbooks.results.schema import Result, result_of
from llmops.renderers.json import Json


def test_numbers_stay_exact_and_the_day_is_that_of_its_end(make_run: Callable[..., Any]) -> None:
    found = result_of(Json().render(make_run()), "a.json")
    assert (found.file, found.kind, found.dated) == ("a.json", "chaos-run", date(2025, 11, 25))
    assert found.scenarios[0].usd == Decimal("0.12")
    assert found.metrics[0].value == Decimal("0.98")


@pytest.mark.parametrize("part", sorted(set(Result.model_fields) - {"file"}))
def test_a_part_that_is_missing_or_of_another_kind_makes_it_no_result(part: str, make_run: Callable[..., Any]) -> None:
    data = json.loads(Json().render(make_run()))
    for changed in ({key: value for key, value in data.items() if key != part}, {**data, part: {"a": 1}}):
        with pytest.raises(NoData, match=rf"a\.json is no whole result: {part}"):
            result_of(json.dumps(changed), "a.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "3"])
def test_what_is_no_json_of_ours_is_no_result(text: str) -> None:
    with pytest.raises(NoData, match=r"a\.json is no whole result"):
        result_of(text, "a.json")
