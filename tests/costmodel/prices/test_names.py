"""Spellings, without a catalogue."""

import pytest

from llmops.costmodel.prices.names import is_opaque_arn, is_reserved_arn, plain_name, provider_key, readings

KNOWN = {"openai", "azure", "aws", "acme"}


def known(prefix: str) -> str | None:
    return prefix if prefix in KNOWN else None


def test_a_given_provider_is_never_replaced() -> None:
    assert readings("openai", "azure/gpt-4o", known) == [("openai", "azure/gpt-4o")]
    assert readings("azure", "azure/gpt-4o", known) == [("azure", "azure/gpt-4o"), ("azure", "gpt-4o")]


def test_a_prefix_is_read_before_the_whole_name_where_no_provider_is_given() -> None:
    assert readings(None, "acme/x:1", known) == [("acme", "x:1"), (None, "acme/x:1")]
    assert readings(None, "mistralai/x", known) == [(None, "mistralai/x")]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-sonnet-4-5"),
        ("claude-3-7-sonnet-latest", "claude-3-7-sonnet"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("ft:gpt-4o-2024-08-06:acme::abc", "ft:gpt-4o"),
        ("claude-sonnet-4-5-banana", "claude-sonnet-4-5-banana"),
    ],
)
def test_a_plain_name_has_no_region_date_or_version(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_azure_is_not_read_as_openai() -> None:
    assert provider_key("azure.ai.openai") == provider_key("Azure_AI") == "azure"


def test_arns_are_told_apart() -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:"
    assert is_reserved_arn(arn + "provisioned-model/abc")
    assert is_opaque_arn(arn + "application-inference-profile/abc")
    assert not is_opaque_arn(arn + "foundation-model/amazon.nova-pro-v1:0")
    assert not is_reserved_arn("gpt-5")
    assert not is_opaque_arn("gpt-5")
