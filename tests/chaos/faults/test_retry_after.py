"""`Retry-After`, right and hostile."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.retry_after import RetryAfter
from llmops.errors import BadInput

Ask = Callable[..., Any]
Variant = Any  # one of the words of a Literal


@pytest.mark.parametrize(
    ("variant", "name", "value"),
    [
        ("seconds", "retry-after", "2.5"),
        ("ms", "retry-after-ms", "2500"),
        ("http_date", "retry-after", "Tue, 25 Nov 2025 10:30:02 GMT"),  # 2.5 s after 10:30:00, in whole seconds
        ("zero", "retry-after", "0"),
        ("negative", "retry-after", "-5"),
        ("past", "retry-after", "Tue, 25 Nov 2025 09:30:00 GMT"),
        ("day_long", "retry-after", "86400"),
        ("absurd", "retry-after", "999999999999"),
        ("garbage", "retry-after", "soon, probably"),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "azure", "anthropic", "gemini", "opaque"])
def test_exactly_this_header_is_set(http_fault: Ask, provider: str, variant: Variant, name: str, value: str) -> None:
    got = http_fault(RetryAfter(variant=variant, seconds=2.5), provider)
    found = {key: said for key, said in got.headers.items() if key.startswith("retry-after")}
    assert found == {name: value}
    assert (got.status, got.receipts[0]["status"]) == (429, 429)
    assert got.receipts[0][name.replace("-", "_")] == value  # so that a judge knows who came back too early


@pytest.mark.parametrize(("status", "word"), [(503, b"overloaded"), (529, b"Slow Down"), (418, b"Invalid request")])
def test_any_error_can_carry_it(http_fault: Ask, status: int, word: bytes) -> None:
    got = http_fault(RetryAfter(status=status))
    assert (got.status, got.headers["retry-after"], word in got.body) == (status, "2", True)


@pytest.mark.parametrize(("field", "wrong", "right"), [("status", 399, 400), ("status", 600, 599), ("seconds", -1, 0)])
def test_parameters_are_checked(field: str, wrong: int, right: int) -> None:
    arguments: dict[str, Any] = {field: wrong}
    with pytest.raises(BadInput, match=field if field == "seconds" else str(wrong)):
        RetryAfter(**arguments)
    assert getattr(RetryAfter(**{**arguments, field: right}), field) == right
