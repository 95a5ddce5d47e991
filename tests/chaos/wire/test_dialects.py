import pytest

from llmops.chaos.wire.dialects import DIALECTS, dialect_named, dialect_of, provider_of


@pytest.mark.parametrize(
    ("target", "name", "provider"),
    [
        (b"/v1/chat/completions", "openai_chat", "openai"),
        (b"/api/v1/chat/completions?x=1", "openai_chat", "openai"),
        (b"/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "openai_chat", "azure"),
        (b"/openai/v1/responses", "openai_responses", "azure"),
        (b"/openai/deployments/e/embeddings", "openai_embeddings", "azure"),
        (b"/v1/responses", "openai_responses", "openai"),
        (b"/v1/embeddings", "openai_embeddings", "openai"),
        (b"/v1/messages", "anthropic_messages", "anthropic"),
        (b"/anthropic/v1/messages?beta=true", "anthropic_messages", "anthropic"),
        (b"/v1beta/models/gemini-3-pro:generateContent", "gemini", "gemini"),
        (b"/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse", "gemini", "gemini"),
        (b"/v1/projects/p/locations/l/publishers/google/models/m:generateContent", "gemini", "gemini"),
        (b"/model/anthropic.claude/converse-stream", "bedrock", "bedrock"),
    ],
)
def test_the_dialect_of_a_route(target: bytes, name: str, provider: str) -> None:
    dialect = dialect_of(b"POST", target)
    assert dialect is not None
    assert (dialect.name, dialect.provider) == (name, provider)
    assert dialect_of(b"GET", target) is None


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/models",
        b"/v1/files",
        b"/v1/threads/t/messages",
        b"/v1/messages/count_tokens",
        b"/v1/messages/batches",
        b"/v1/responses/resp_1/cancel",
        b"/v1beta/models/m:countTokens",
        b"/x?y=/v1/chat/completions",
        b"/",
    ],
)
def test_other_routes_are_opaque(target: bytes) -> None:
    assert dialect_of(b"POST", target) is None


def test_the_provider_that_is_named_goes_before_the_path() -> None:
    azure = dialect_of(b"POST", b"/v1/chat/completions", provider="azure")
    openai = dialect_of(b"POST", b"/openai/v1/chat/completions", provider="openai")
    assert azure is not None
    assert openai is not None
    assert (azure.provider, openai.provider) == ("azure", "openai")


@pytest.mark.parametrize(
    ("target", "headers", "provider"),
    [
        (b"/v1/completions", {}, "openai"),
        (b"/v1/files/file-1/content", {}, "openai"),
        (b"/v1/moderations?x=1", {}, "openai"),
        (b"/v1/images/generations", {}, "openai"),
        (b"/v1/models", {b"Anthropic-Version": b"2023-06-01"}, "anthropic"),
        (b"/v1/messages/count_tokens", {}, "anthropic"),
        (b"/v1/messages/batches/b", {}, "anthropic"),
        (b"/v1beta/models/m:countTokens", {}, "gemini"),
        (b"/v1/projects/p/locations/l/publishers/google/models/m:countTokens", {}, "gemini"),
        (b"/openai/deployments/d/audio/transcriptions?api-version=1", {}, "azure"),
        (b"/model/anthropic.claude/count-tokens", {}, "bedrock"),
        (b"/healthz", {}, None),
        (b"/x?y=/v1/files", {}, None),
    ],
)
def test_whose_a_route_is_though_no_dialect_reads_it(
    target: bytes, headers: dict[bytes, bytes], provider: str | None
) -> None:
    assert provider_of(target, headers.items()) == provider


def test_by_name() -> None:
    assert all(dialect_named(name) is dialect for name, dialect in DIALECTS.items())
    named = dialect_named("openai_chat", provider="azure")
    assert named is not None
    assert named.provider == "azure"
    assert dialect_named("nobody") is None
