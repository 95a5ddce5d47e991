from datetime import UTC, datetime
from decimal import Decimal

from llmops.chaos.cli.prices import price_of

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def asked(provider: str, model: str, **tokens: int) -> Decimal | None:
    none = dict.fromkeys(("input_uncached_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"), 0)
    return price_of({"primary": "openai"})(provider=provider, model=model, at=AT, **{**none, **tokens})


def test_an_attempt_costs_what_the_catalogue_says() -> None:
    # gpt-4o: 2.50 USD per million tokens in, 10.00 out (openai.com/api/pricing)
    assert asked("primary", "gpt-4o", input_uncached_tokens=1000, output_tokens=100) == Decimal("0.0035")


def test_a_model_that_nobody_knows_has_no_price_and_not_a_price_of_nothing() -> None:
    assert asked("primary", "surely-no-model", input_uncached_tokens=1000) is None
