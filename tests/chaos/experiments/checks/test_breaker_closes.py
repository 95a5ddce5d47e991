from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.breaker_closes import BreakerCloses

# the fault is off at 50 s; 20 requests of the recovery are sent from 51 to 68.1, every 0.9 s


def closed(make: Any, at: int) -> Any:
    """Until request `at` of the recovery the backup is asked."""

    def ask(one: Any) -> Any:
        if int(one.id[1:]) >= at:
            return one
        return replace(one, attempts=(make.attempt("backup", one.sent_at - make.ZERO),))

    return make.changed(make.evidence(), ask, phase="recovery")


def test_a_breaker_that_closed_in_time_passes(make: Any) -> None:
    """Sent 3 s or more after: from 53 s, requests 3 to 19, which are 17; of these 0.8 needs 16."""
    found = BreakerCloses(within_s=3.0, at_least=0.8).judge(closed(make, 3))
    assert (found.word, found.n, found.value) == ("PASS", 17, 1.0)


def test_one_that_stays_open_fails(make: Any) -> None:
    assert BreakerCloses(within_s=3.0, at_least=0.8).judge(closed(make, 20)).word == "FAIL"


def test_a_second_attempt_at_it_is_not_going_to_it_first(make: Any) -> None:
    def second(one: Any) -> Any:
        return replace(one, attempts=(make.attempt("backup", one.sent_at - make.ZERO), *one.attempts))

    run = make.changed(make.evidence(), second, phase="recovery")
    assert BreakerCloses(within_s=3.0, at_least=0.8).judge(run).word == "FAIL"
