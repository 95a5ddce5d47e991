"""`x-should-retry` against the status."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.should_retry_against_status import ShouldRetryAgainstStatus
from llmops.errors import BadInput

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "true"), (404, "true"), (408, "false"), (409, "false"), (429, "false"), (499, "true"), (500, "false")],
)
def test_it_says_the_opposite_of_what_clients_do(http_fault: Ask, status: int, said: str) -> None:
    got = http_fault(ShouldRetryAgainstStatus(status=status))
    assert (got.status, got.headers["x-should-retry"]) == (status, said)
    assert got.receipts[0]["applied"] is True


@pytest.mark.parametrize("status", [200, 399, 600])
def test_a_status_that_is_no_error_is_refused(status: int) -> None:
    with pytest.raises(BadInput, match="no status of an error"):
        ShouldRetryAgainstStatus(status=status)
