from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.breaker_opens import BreakerOpens

# the fault is on at 9.9 s; a request is sent every second from 10 to 49


def opened(make: Any, at: int, probes: frozenset[int] = frozenset()) -> Any:
    """From request `at` on the primary is not asked, but for probes."""

    def ask(one: Any) -> Any:
        number = int(one.id[1:])
        return one if number < at or number in probes else replace(one, attempts=one.attempts[1:])

    return make.changed(make.evidence(), ask)


def test_a_breaker_that_opened_in_time_passes(make: Any) -> None:
    """Sent 4 s or more after the fault began: requests 4 to 39, which are 36."""
    found = BreakerOpens(within_s=4.0).judge(opened(make, 4))
    assert (found.word, found.n, found.value) == ("PASS", 36, 0.0)


def test_one_that_never_opened_or_opened_late_fails(make: Any) -> None:
    assert BreakerOpens(within_s=4.0).judge(make.evidence()).word == "FAIL"
    assert BreakerOpens(within_s=4.0).judge(opened(make, 24)).word == "FAIL"  # 20 of 36


def test_few_probes_do_not_decide_against_it(make: Any) -> None:
    found = BreakerOpens(within_s=4.0, at_most=0.3).judge(opened(make, 4, frozenset({14, 24, 34})))
    assert (found.word, found.value) == ("PASS", 3 / 36)


def test_the_broken_provider_is_that_of_the_phase_unless_one_is_named(make: Any) -> None:
    found = BreakerOpens(within_s=4.0, provider="backup").judge(opened(make, 4))
    assert (found.word, found.n) == ("INVALID", 0)  # nothing is broken there
