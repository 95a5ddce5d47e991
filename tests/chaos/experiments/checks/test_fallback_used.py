from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.fallback_used import FallbackUsed


def test_the_time_runs_from_the_first_attempt_that_was_hit(make: Any) -> None:
    """The backup is asked 0.09 s after the refused attempt began."""
    assert FallbackUsed(within_s=0.1).judge(make.evidence()).word == "PASS"
    assert FallbackUsed(within_s=0.08).judge(make.evidence()).word == "FAIL"


def test_a_retry_at_the_same_provider_is_no_fallback(make: Any) -> None:
    def retried(one: Any) -> Any:
        return replace(one, attempts=(one.attempts[0], make.attempt(at=one.sent_at - make.ZERO + 0.1)))

    assert FallbackUsed().judge(make.changed(make.evidence(), retried)).word == "FAIL"


def test_a_named_provider_must_be_reached(make: Any) -> None:
    run = make.evidence(providers=("primary", "backup", "third"))
    assert FallbackUsed(to="backup").judge(run).word == "PASS"
    assert FallbackUsed(to="third").judge(run).word == "FAIL"


def test_below_http_the_time_runs_from_when_the_request_was_sent(make: Any) -> None:
    """No attempt reaches the primary; the backup is asked 0.1 s after the request was sent."""
    refusing = replace(make.INJECT, injections=(replace(make.FAULT, below_http=True, fault="refused"),))
    run = make.changed(
        make.evidence(phases=(make.BASELINE, refusing, make.RECOVER)),
        lambda one: replace(one, attempts=one.attempts[1:]),
    )
    assert FallbackUsed(within_s=0.11).judge(run).word == "PASS"
    assert FallbackUsed(within_s=0.09).judge(run).word == "FAIL"
