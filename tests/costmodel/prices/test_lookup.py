"""Names as logs spell them."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmops.costmodel.prices.book import PriceBook
from llmops.costmodel.prices.rates import NoPrice

Make = Callable[..., Any]

BEDROCK_SONNET = "aws:regional.anthropic.claude-sonnet-4-5-20250929-v1:0"


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("openai", "gpt-5-2025-08-07", ("openai:gpt-5", "exact")),
        ("anthropic", "claude-sonnet-4-5-20250929", ("anthropic:claude-sonnet-4-5", "snapshot")),
        (None, "openai/gpt-5", ("openai:gpt-5", "exact")),
        (None, "openai:gpt-5", ("openai:gpt-5", "exact")),
        ("openai", "openai/gpt-5", ("openai:gpt-5", "exact")),
        ("litellm", "openai/gpt-5", ("openai:gpt-5", "exact")),
        (None, "litellm_proxy/openai/gpt-5", ("openai:gpt-5", "exact")),
        ("openrouter", "openai/gpt-5", ("openrouter:openai/gpt-5", "exact")),
        (None, "openrouter/openai/gpt-5", ("openrouter:openai/gpt-5", "exact")),
        (None, "anthropic/claude-sonnet-4-5", ("anthropic:claude-sonnet-4-5", "exact")),
        ("azure", "azure/gpt-5", ("openai:gpt-5", "exact")),
        ("azure_ai", "gpt-4o", ("openai:gpt-4o", "exact")),
        ("azure.ai.openai", "gpt-4o", ("openai:gpt-4o", "exact")),
        ("azure", "gpt-35-turbo", ("openai:gpt-3.5-turbo", "exact")),
        ("vertex_ai", "claude-sonnet-4-5@20250929", ("google:claude-sonnet-4-5", "snapshot")),
        ("vertex_ai-anthropic_models", "claude-sonnet-4-5", ("google:claude-sonnet-4-5", "exact")),
        ("gemini", "gemini-3-pro-preview", ("google:gemini-3-pro-preview", "exact")),
        ("gcp.gen_ai", "models/gemini-2.5-pro", ("google:gemini-2.5-pro", "exact")),
        (None, "publishers/google/models/gemini-2.5-pro", ("google:gemini-2.5-pro", "exact")),
        ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", (BEDROCK_SONNET, "snapshot")),
        ("aws.bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", (BEDROCK_SONNET, "snapshot")),
        ("bedrock", "apac.anthropic.claude-sonnet-4-5-20250929-v1:0", (BEDROCK_SONNET, "snapshot")),
        (None, "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", (BEDROCK_SONNET, "snapshot")),
        (None, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", (BEDROCK_SONNET, "snapshot")),
        (
            "bedrock",
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            ("aws:global.anthropic.claude-sonnet-4-5-20250929-v1:0", "exact"),
        ),
        (
            None,
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            (BEDROCK_SONNET, "snapshot"),
        ),
        ("openai", "ft:gpt-4o-2024-08-06:acme::abc", ("openai:ft:gpt-4o", "snapshot")),
        (None, "ft:gpt-4o-mini-2024-07-18:acme::abc", ("openai:ft:gpt-4o-mini", "snapshot")),
        ("xai", "grok-4", ("x-ai:grok-4-0709", "exact")),
        ("fireworks_ai", "glm-5p1", ("fireworks:glm-5p1", "exact")),
        ("OpenAI", "GPT-5", ("openai:gpt-5", "exact")),
    ],
)
def test_names_of_gateways_clouds_and_profiles_are_read(
    book: PriceBook, keyed: Make, provider: str | None, model: str, expected: tuple[str, str]
) -> None:
    match = book.rates(keyed(provider, model)).match
    assert match is not None
    assert (match.name, match.how) == expected


@pytest.mark.parametrize(
    ("provider", "model", "why"),
    [
        (None, None, "no_model"),
        ("openai", "", "no_model"),
        ("acme", "foo", "unknown_provider"),
        ("openai", "gpt-55", "unknown_model"),
        (None, "deepseek-ai/DeepSeek-R1", "unknown_model"),
        ("openai", "azure/gpt-4o", "unknown_model"),  # a provider that is given is not replaced
        ("custom_openai", "gpt-4o", "self_hosted"),  # genai-prices would take OpenAI's price
        ("hosted_vllm", "meta-llama/Llama-3.3-70B-Instruct", "self_hosted"),
        ("bedrock", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc", "opaque_name"),
    ],
)
def test_names_that_cannot_be_priced_say_why(
    book: PriceBook, keyed: Make, provider: str | None, model: str | None, why: str
) -> None:
    answer = book.rates(keyed(provider, model))
    assert isinstance(answer, NoPrice)
    assert answer.why == why
    assert answer.reason


def test_the_nearest_names_are_the_providers_own_first(book: PriceBook, keyed: Make) -> None:
    answer = book.rates(keyed("anthropic", "claude-sonet-4-5"))
    assert isinstance(answer, NoPrice)
    assert answer.nearest[0].startswith("anthropic:claude-sonnet-4")


NAMES = (
    st.none()
    | st.text(max_size=40)
    | st.sampled_from(["", ":", "/", "litellm/" * 2000 + "x", "ft:", "models/", "a" * 9999])
)


@settings(deadline=None, max_examples=60)
@given(provider=NAMES, model=NAMES, tier=NAMES)
def test_any_name_has_an_answer(
    book: PriceBook, keyed: Make, provider: str | None, model: str | None, tier: str | None
) -> None:
    assert book.rates(keyed(provider, model, service_tier=tier)) is not None
