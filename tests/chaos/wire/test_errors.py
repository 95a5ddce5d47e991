import json
from pathlib import Path

import pytest

from llmops.chaos.wire import errors
from llmops.chaos.wire.errors import NoSuchErrorInDialectError, all_kinds, kinds_of, provider_error
from llmops.errors import UnknownName

PROVIDERS = ("openai", "azure", "anthropic", "gemini", "bedrock")
ALL = [(provider, kind) for provider in PROVIDERS for kind in kinds_of(provider)]
LABELS = {"measured", "source", "documented", "issue", "secondary", "unverified"}


@pytest.mark.parametrize(("provider", "kind"), ALL)
def test_every_error_is_json_of_its_provider_with_source_and_label(provider: str, kind: str) -> None:
    error = provider_error(provider, kind, model='the "model"')
    body = json.loads(error.body)
    assert b"${" not in error.body
    assert not [value for value in error.headers.values() if "${" in value]
    assert error.label in LABELS
    assert error.source
    assert 400 <= error.status < 600
    if provider == "bedrock":
        assert isinstance(body["message"], str)
    elif provider == "anthropic":
        assert (body["type"], set(body)) == ("error", {"type", "error", "request_id"})
    else:
        assert isinstance(body["error"]["message"], str)


STATUSES = {  # provider-failures, sections 3 to 7
    ("openai", "insufficient_quota"): 429,
    ("openai", "context_length"): 400,
    ("openai", "overloaded"): 503,
    ("anthropic", "insufficient_quota"): 402,
    ("anthropic", "spend_limit"): 429,
    ("anthropic", "spend_limit_user"): 400,
    ("anthropic", "timeout"): 504,
    ("anthropic", "overloaded"): 529,
    ("anthropic", "too_large"): 413,
    ("azure", "content_filter"): 400,
    ("azure", "server_error"): 500,  # shared with OpenAI
    ("bedrock", "timeout"): 408,
    ("bedrock", "failed_dependency"): 424,
    ("bedrock", "insufficient_quota"): 400,
    ("bedrock", "rate_limit_requests"): 429,
    ("gemini", "insufficient_quota"): 429,
    ("gemini", "overloaded"): 503,
}


@pytest.mark.parametrize(("which", "status"), STATUSES.items())
def test_the_status(which: tuple[str, str], status: int) -> None:
    assert provider_error(*which).status == status
    assert provider_error(*which, status=418).status == 418


def test_openai_says_how_long_to_wait_in_text_and_headers() -> None:
    error = provider_error("openai", "rate_limit_requests", model="gpt-4o", limit=3, used=3, requested=1)
    assert b"on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s." in error.body
    assert (error.headers["retry-after"], error.headers["retry-after-ms"]) == ("20", "20000")
    assert error.headers["x-ratelimit-remaining-requests"] == "0"


def test_azure_has_its_inner_error_and_can_wait_a_day() -> None:
    inner = json.loads(provider_error("azure", "content_filter").body)["error"]["innererror"]
    assert inner["code"] == "ResponsibleAIPolicyViolation"
    assert inner["content_filter_result"]["violence"] == {"filtered": True, "severity": "medium"}
    assert (
        b"Please retry after 86400 seconds." in provider_error("azure", "rate_limit_tokens", retry_after_s=86400).body
    )


def test_gemini_hints_in_the_body_and_never_in_a_header() -> None:
    for kind in ("rate_limit_requests", "rate_limit_tokens", "insufficient_quota"):
        error = provider_error("gemini", kind, retry_after_s="45.837906927")
        details = {one["@type"].rpartition(".")[2]: one for one in json.loads(error.body)["error"]["details"]}
        assert details["RetryInfo"]["retryDelay"] == "45.837906927s"
        assert not [name for name in error.headers if "retry" in name]
    quota = json.loads(provider_error("gemini", "insufficient_quota").body)["error"]["details"][0]["violations"][0]
    assert quota["quotaId"] == "GenerateRequestsPerDayPerProjectPerModel-FreeTier"


def test_a_spend_limit_has_no_retry_after() -> None:
    for kind in ("spend_limit", "spend_limit_user"):
        assert "retry-after" not in provider_error("anthropic", kind).headers
    body = json.loads(provider_error("anthropic", "spend_limit").body)
    assert body["error"]["details"]["error_code"] == "enforced_spend_limit_reached"


def test_bedrock_names_its_exception() -> None:
    error = provider_error("bedrock", "failed_dependency")
    assert (error.exception, error.headers["x-amzn-errortype"]) == ("ModelErrorException", "ModelErrorException")


def test_the_request_id_is_in_body_and_header() -> None:
    error = provider_error("anthropic", "overloaded", request_id="req_7")
    assert error.headers["request-id"] == "req_7"
    assert json.loads(error.body)["request_id"] == "req_7"


def test_a_kind_that_nobody_has_is_a_typing_error() -> None:
    with pytest.raises(UnknownName) as unknown:
        provider_error("openai", "overlaoded")
    assert unknown.value.hint == "did you mean 'overloaded'?"


def test_a_kind_that_this_provider_has_not_is_a_reason() -> None:
    with pytest.raises(NoSuchErrorInDialectError, match="gemini has no error of the kind failed_dependency"):
        provider_error("gemini", "failed_dependency")


def test_the_published_kinds_are_those_of_the_files() -> None:
    assert set(all_kinds()) == {kind for _, kind in ALL}
    files = {path.stem for path in (Path(errors.__file__).parent / "data").glob("errors_*.toml")}
    assert files == {f"errors_{provider}" for provider in PROVIDERS}
