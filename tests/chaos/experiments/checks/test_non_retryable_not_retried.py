from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.checks.non_retryable_not_retried import NonRetryableNotRetried


def refused_twice(make: Any, status: int, second: str = "primary", **more: Any) -> Any:
    def ask(one: Any) -> Any:
        at = one.sent_at - make.ZERO
        return replace(one, attempts=(make.refused(at, status, **more), make.attempt(second, at + 0.2)))

    return make.changed(make.evidence(), ask)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_retry_at_the_same_provider_fails_and_one_at_another_passes(make: Any, status: int) -> None:
    assert NonRetryableNotRetried().judge(refused_twice(make, status)).word == "FAIL"
    assert NonRetryableNotRetried().judge(refused_twice(make, status, "backup")).word == "PASS"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_errors_that_pass_may_be_retried(make: Any, status: int) -> None:
    found = NonRetryableNotRetried().judge(refused_twice(make, status))
    assert (found.word, found.n) == ("INVALID", 0)  # no request met a final one


def test_a_quota_that_is_used_up_is_final_although_it_is_a_429(make: Any) -> None:
    quota = {"status": 429, "error_kind": "insufficient_quota"}
    assert NonRetryableNotRetried().judge(refused_twice(make, 429, details=quota)).word == "FAIL"
    assert NonRetryableNotRetried().judge(refused_twice(make, 429, error_type="insufficient_quota")).word == "FAIL"
    assert NonRetryableNotRetried(kinds=()).judge(refused_twice(make, 429, details=quota)).word == "INVALID"
