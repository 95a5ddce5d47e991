from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.checks.retry_after_respected import RetryAfterRespected


def retried(make: Any, after_s: float, told_s: float | None = 2.0, provider: str = "primary") -> Any:
    """Refused at 0.01 s for 0.01 s, and asked again `after_s` after that refusal had ended."""

    def ask(one: Any) -> Any:
        at = one.sent_at - make.ZERO
        first = make.refused(at + 0.01, 429, retry_after_s=told_s)
        return replace(one, attempts=(first, make.attempt(provider, at + 0.02 + after_s)))

    return make.changed(make.evidence(), ask)


@pytest.mark.parametrize(("after_s", "word"), [(0.5, "FAIL"), (1.85, "FAIL"), (1.95, "PASS"), (2.3, "PASS")])
def test_who_comes_back_early_fails_but_for_the_grain_of_timers(make: Any, after_s: float, word: str) -> None:
    assert RetryAfterRespected().judge(retried(make, after_s)).word == word


def test_another_provider_may_be_asked_at_once(make: Any) -> None:
    assert RetryAfterRespected().judge(retried(make, 0.0, provider="backup")).word == "PASS"


def test_who_was_told_nothing_is_not_judged(make: Any) -> None:
    for told in (None, 0.0):
        found = RetryAfterRespected().judge(retried(make, 0.0, told))
        assert (found.word, found.n) == ("INVALID", 0)


def test_who_never_comes_back_respects_even_a_day(make: Any) -> None:
    def gave_up(one: Any) -> Any:
        return replace(one, attempts=(make.refused(one.sent_at - make.ZERO, 429, retry_after_s=86_400.0),), status=429)

    assert RetryAfterRespected().judge(make.changed(make.evidence(), gave_up)).word == "PASS"
