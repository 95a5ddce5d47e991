"""The model is gone."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.model_retired import ModelRetired

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 404, "The model `gpt-4o` does not exist"),
        ("azure", 404, "DeploymentNotFound"),
        ("anthropic", 404, "model: gpt-4o"),
        ("gemini", 404, "models/gemini-2.5-flash is not found"),
        ("bedrock", 404, "anthropic.claude-sonnet-5"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(ModelRetired(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(ModelRetired(), 404)
