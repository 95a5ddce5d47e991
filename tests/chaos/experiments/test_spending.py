from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from llmops.chaos.experiments.spending import tokens_of, usd_of, wasted_tokens


def price_of(*, output_tokens: int, **_: Any) -> Decimal | None:
    return Decimal(output_tokens) / 1000


def test_all_classes_of_tokens_are_counted_once(make: Any) -> None:
    attempt = make.attempt(input_uncached_tokens=70, cache_read_tokens=20, cache_write_tokens=10, output_tokens=5)
    assert tokens_of(attempt) == 105


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"upstream_status": None}, 0),  # a fault answered: nobody was asked
        ({"upstream_status": 503}, 0),  # refused: nothing was billed
        ({"output_tokens": None}, None),
        ({"input_uncached_tokens": None}, None),
        ({"cache_read_tokens": None, "cache_write_tokens": None}, 30),
    ],
)
def test_what_was_not_counted_is_unknown_and_what_was_refused_is_nothing(
    make: Any, more: dict[str, Any], expected: int | None
) -> None:
    assert tokens_of(make.attempt(**more)) == expected


def test_waste_is_what_reached_no_caller(make: Any) -> None:
    lost, served = make.attempt(took=0.1), make.attempt("backup", 0.2, took=0.1)
    assert wasted_tokens(make.request(attempts=(lost, served))) == 30
    assert wasted_tokens(make.request(attempts=(lost, served), status=502)) == 60
    assert wasted_tokens(make.request(attempts=(served,))) == 0


def test_a_sum_is_exact_and_unknown_where_one_part_is(make: Any) -> None:
    assert usd_of([make.attempt(), make.attempt()], price_of) == Decimal("0.04")
    assert usd_of([make.refused()], price_of) == 0
    assert usd_of([make.attempt(), make.attempt(output_tokens=None)], price_of) is None
    assert usd_of([make.attempt(model_served=None, model_asked=None)], price_of) is None
    assert usd_of([make.attempt()], None) is None


def test_the_price_is_asked_for_the_model_that_served_at_its_time(make: Any) -> None:
    asked: dict[str, Any] = {}

    def remember(**given: Any) -> Decimal:
        asked.update(given)
        return Decimal(1)

    usd_of([make.attempt(model_answered="a swapped name", model_served="gpt-4o")], remember)
    assert (asked["model"], asked["provider"]) == ("gpt-4o", "primary")
    assert asked["at"] == datetime.fromtimestamp(make.ZERO, UTC)
