from dataclasses import replace
from decimal import Decimal
from typing import Any

from llmops.chaos.experiments.checks.failover_cost import FailoverCost

USD = {"gpt-4o": Decimal("0.001"), "gpt-4o-mini": Decimal("0.0001")}  # a token


def price_of(*, model: str, input_uncached_tokens: int, output_tokens: int, **_: Any) -> Decimal | None:
    return USD[model] * (input_uncached_tokens + output_tokens) if model in USD else None


def priced(make: Any) -> Any:
    return replace(make.evidence(), price_of=price_of)


def test_a_cheaper_backup_is_cheaper(make: Any) -> None:
    """30 tokens each: 0.03 USD in the baseline, 0.003 of the backup."""
    found = FailoverCost(at_most_times=0.1).judge(priced(make))
    assert (found.word, found.value, found.unit) == ("PASS", 0.1, "times")
    assert FailoverCost(at_most_times=0.09).judge(priced(make)).word == "FAIL"


def test_attempts_that_were_paid_for_nothing_count(make: Any) -> None:
    def paid(one: Any) -> Any:
        wasted = replace(make.attempt(at=one.sent_at - make.ZERO), receipts=one.attempts[0].receipts)
        return replace(one, attempts=(wasted, wasted, one.attempts[1]))

    found = FailoverCost(at_most_times=2.0).judge(make.changed(priced(make), paid))
    assert (found.word, found.value) == ("FAIL", 2.1)  # 0.03 + 0.03 + 0.003


def test_without_prices_it_is_not_measured(make: Any) -> None:
    found = FailoverCost().judge(make.evidence())
    assert (found.word, found.reason) == ("INVALID", "not measured: no prices were given")


def test_with_one_unknown_price_it_is_not_measured(make: Any) -> None:
    def unknown(one: Any) -> Any:
        other = replace(one.attempts[1], model_served="mystery")
        return replace(one, attempts=(one.attempts[0], other)) if one.id == "o5" else one

    found = FailoverCost().judge(make.changed(priced(make), unknown))
    assert (found.word, found.reason) == ("INVALID", "not measured: an attempt has no price")
