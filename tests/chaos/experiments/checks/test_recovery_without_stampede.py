from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.recovery_without_stampede import RecoveryWithoutStampede

# the baseline asks the primary every 0.4 s: 3 attempts in its busiest second; the recovery every 0.9 s: 2


def flood(make: Any, n: int, provider: str = "primary") -> Any:
    """So many attempts, of requests that waited, in the first half second of the recovery."""
    waiting = tuple(make.attempt(provider, 50.1 + 0.4 * at / n) for at in range(n))
    return make.changed(
        make.evidence(), lambda one: replace(one, attempts=(*one.attempts, *waiting)) if one.id == "o39" else one
    )


def test_the_usual_load_is_no_stampede(make: Any) -> None:
    found = RecoveryWithoutStampede().judge(make.evidence())
    assert (found.word, found.value, found.limit) == ("PASS", 2 / 3, 3.0)


def test_at_the_limit_it_passes_and_beyond_it_fails(make: Any) -> None:
    """With that of the recovery at 51.01 s, in the busiest second there are n + 1 after 50.1 s."""
    assert RecoveryWithoutStampede().judge(flood(make, 8)).word == "PASS"  # 9 of 9
    assert RecoveryWithoutStampede().judge(flood(make, 10)).word == "FAIL"  # 10 of 9 in any case


def test_another_providers_crowd_is_not_its_own(make: Any) -> None:
    assert RecoveryWithoutStampede().judge(flood(make, 50, "backup")).word == "PASS"
    assert RecoveryWithoutStampede(provider="backup").judge(flood(make, 50, "backup")).word == "INVALID"  # no baseline


def test_attempts_of_nobody_count_too(make: Any) -> None:
    lost = tuple(make.attempt(at=50.2 + n / 100) for n in range(20))
    assert RecoveryWithoutStampede().judge(replace(make.evidence(), unattributed=lost)).word == "FAIL"
