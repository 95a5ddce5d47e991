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
