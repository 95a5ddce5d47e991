from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.ttft import Ttft


def slow(make: Any, n: int, first_token_s: float | None) -> Any:
    """Of 40 requests the first `n` have another TTFT than 0.1 s."""

    def token(one: Any) -> Any:
        at = None if first_token_s is None else one.scheduled_at + first_token_s
        return replace(one, first_token_at=at) if int(one.id[1:]) < n else one

    return make.changed(make.evidence(), token)


def test_a_percentile_within_its_limit_passes(make: Any) -> None:
    found = Ttft(percentile=90.0, at_most_s=0.11).judge(slow(make, 0, 0.0))
    assert (found.word, found.unit, found.limit) == ("PASS", "s", 0.11)
    assert found.value is not None and abs(found.value - 0.1) < 1e-6  # noqa: PT018


def test_beyond_it_fails(make: Any) -> None:
    assert Ttft(percentile=90.0, at_most_s=0.11).judge(slow(make, 20, 0.12)).word == "FAIL"


def test_few_slow_ones_are_not_decided(make: Any) -> None:
    found = Ttft(percentile=90.0, at_most_s=0.11).judge(slow(make, 5, 0.12))
    assert (found.word, found.needed) == ("INVALID", 554)  # 35 of 40 is 0.875: 3.841 * 0.09 / 0.025² = 553.2


def test_a_token_that_never_came_is_beyond_every_limit(make: Any) -> None:
    found = Ttft(percentile=90.0, at_most_s=1000.0).judge(slow(make, 20, None))
    assert (found.word, found.value) == ("FAIL", None)


def test_it_runs_from_when_the_request_was_due(make: Any) -> None:
    late = make.changed(make.evidence(), lambda one: replace(one, scheduled_at=one.scheduled_at - 0.5))
    assert Ttft(percentile=90.0, at_most_s=0.4).judge(late).word == "FAIL"
