from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.no_fallback import NoFallback


def test_a_request_that_met_the_fault_and_reached_the_backup_fails(make: Any) -> None:
    assert NoFallback().judge(make.evidence()).word == "FAIL"


def test_one_that_stayed_passes_also_with_retries(make: Any) -> None:
    def stayed(one: Any) -> Any:
        return replace(
            one, attempts=(one.attempts[0], make.refused(one.sent_at - make.ZERO + 0.2)), status=400, text=""
        )

    assert NoFallback().judge(make.changed(make.evidence(), stayed)).word == "PASS"


def test_below_http_any_attempt_at_another_provider_is_a_fallback(make: Any) -> None:
    """No receipt is on a request there: the state that held when it was sent says that it met the fault."""
    refusing = replace(make.INJECT, injections=(replace(make.FAULT, below_http=True, fault="refused"),))
    run = make.evidence(phases=(make.BASELINE, refusing, make.RECOVER))
    fell_back = make.changed(run, lambda one: replace(one, attempts=one.attempts[1:]))
    assert NoFallback().judge(fell_back).word == "FAIL"
    stayed = make.changed(run, lambda one: replace(one, attempts=(), status=502, text=""))
    assert NoFallback().judge(stayed).word == "PASS"


def test_a_fallback_that_meets_a_fault_of_its_own_is_one(make: Any) -> None:
    def both(one: Any) -> Any:
        at = one.sent_at - make.ZERO
        return replace(one, attempts=(one.attempts[0], make.refused(at + 0.1, provider="backup")), status=503, text="")

    second = replace(make.FAULT, provider="backup")
    broken = replace(make.INJECT, injections=(make.FAULT, second))
    run = make.changed(make.evidence(phases=(make.BASELINE, broken, make.RECOVER)), both)
    assert NoFallback().judge(run).word == "FAIL"
