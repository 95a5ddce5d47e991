"""424."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.failed_dependency import FailedDependency

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 424, "dependency"),
        ("azure", 424, "dependency"),
        ("anthropic", 424, "error"),
        ("bedrock", 424, "originalStatusCode"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(FailedDependency(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(FailedDependency(), 424)


@pytest.mark.parametrize("provider", ["gemini"])
def test_a_provider_without_such_an_error_answers_by_itself_and_the_receipt_says_so(
    no_such_error: Check, provider: str
) -> None:
    no_such_error(FailedDependency(), provider)
