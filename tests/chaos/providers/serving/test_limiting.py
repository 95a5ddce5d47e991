"""What simulated providers charge."""

import pytest

from llmops.chaos.providers.answering.ask import Ask, Turn
from llmops.chaos.providers.serving.limiting import KeyLimiters, Limits, admission_tokens
from llmops.errors import BadInput

ASK = Ask("m", (Turn("user", "hello"),), max_tokens=500)  # 1 + 3 of input


@pytest.mark.parametrize(("provider", "tokens"), [("openai", 504), ("anthropic", 4), ("gemini", 4)])
def test_openai_reserves_the_output_and_the_others_do_not(provider: str, tokens: int) -> None:
    assert admission_tokens(provider, ASK) == tokens


def test_keys_do_not_share_a_bucket() -> None:
    limiters = KeyLimiters(Limits(requests_per_minute=1), lambda: 0.0)
    assert [limiters.admit(key, 1).admitted for key in ("a", "a", "b")] == [True, False, True]


@pytest.mark.parametrize("field", ["requests_per_minute", "tokens_per_minute", "requests_per_day"])
def test_a_limit_that_lets_nobody_in_is_refused(field: str) -> None:
    with pytest.raises(BadInput, match="lets nobody in"):
        Limits(**{field: 0})
    assert getattr(Limits(**{field: 1}), field) == 1
