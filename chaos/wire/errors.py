"""How providers say no: the kinds of error, and each provider's own bytes for them, from `data/errors_*.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from llmops.chaos.wire.dialect import ProviderError
from llmops.errors import UnknownName, nearest_hint

KINDS = (
    "rate_limit_requests",
    "rate_limit_tokens",
    "insufficient_quota",
    "context_length",
    "content_filter",
    "invalid_request",
    "invalid_api_key",
    "permission",
    "model_not_found",
    "timeout",
    "conflict",
    "too_large",
    "failed_dependency",
    "server_error",
    "bad_gateway",
    "unavailable",
    "gateway_timeout",
    "overloaded",
)
"""The kinds that most providers have. The kinds of one provider only are in OWN_KINDS."""

OWN_KINDS = {
    "anthropic": ("rate_limit_ramp", "spend_limit", "spend_limit_contract", "spend_limit_user", "prefill"),
    "bedrock": ("model_not_ready", "stream_failed"),
}

DETAILS: Mapping[str, object] = {
    "model": "the-model",
    "organization": "org-llmops",
    "key": "sk-***",
    "limit": 3,
    "used": 3,
    "requested": 1,
    "retry_after_s": 20,
    "resets_at": "2030-01-01T00:00:00Z",
    "request_id": "req_llmops",
    "api_version": "2024-10-21",
}
"""What a body may be filled with, and what it says where nothing better is given."""


class NoSuchErrorInDialectError(LookupError):
    """The provider has no such error; the message is a reason to report."""


def provider_error(provider: str, kind: str, **details: object) -> ProviderError:
    """The provider's own error of that kind.

    `status` among the details overrides the status, the others fill the body and the headers. UnknownName for a kind
    that nobody has, NoSuchErrorInDialectError for one that this provider has not.
    """
    entry = _entry(provider, kind)
    filled = _filled(details)
    headers = {**_entries(provider)["headers"], **_exception_header(entry), **entry.get("headers", {})}
    return ProviderError(
        status=int(str(details.get("status", entry["status"]))),
        headers={name: Template(value).substitute(filled) for name, value in headers.items()},
        body=Template(entry["body"]).substitute({name: _escaped(value) for name, value in filled.items()}).encode(),
        label=entry["label"],
        source=entry["source"],
        exception=entry.get("exception", ""),
    )


def kinds_of(provider: str) -> list[str]:
    """The kinds that a provider has bytes for, Azure's with those it shares with OpenAI."""
    own = [name for name in _entries(provider) if name not in {"checked", "headers"}]
    return sorted({*own, *(kinds_of("openai") if provider == "azure" else ())})


def all_kinds() -> list[str]:
    """Every kind of any provider."""
    return sorted({*KINDS, *(kind for own in OWN_KINDS.values() for kind in own)})


def _entry(provider: str, kind: str) -> dict[str, Any]:
    if kind not in all_kinds():
        raise UnknownName(f"no kind of error is named {kind!r}", hint=nearest_hint(kind, all_kinds()))
    entries = _entries(provider)
    if kind not in entries and provider == "azure":
        entries = _entries("openai")
    if kind not in entries:
        raise NoSuchErrorInDialectError(f"{provider} has no error of the kind {kind}")
    entry: dict[str, Any] = entries[kind]
    return entry


def _exception_header(entry: Mapping[str, Any]) -> dict[str, str]:
    return {"x-amzn-errortype": entry["exception"]} if "exception" in entry else {}


def _filled(details: Mapping[str, object]) -> dict[str, object]:
    filled = {**DETAILS, **{name: value for name, value in details.items() if value is not None}}
    retry_after_s = filled["retry_after_s"]
    if "retry_after_ms" not in filled:
        filled["retry_after_ms"] = round(retry_after_s * 1000) if isinstance(retry_after_s, int | float) else ""
    return filled


def _escaped(value: object) -> str:
    """A value as it may stand inside a JSON string."""
    import orjson

    return orjson.dumps(str(value)).decode()[1:-1]


@cache
def _entries(provider: str) -> dict[str, Any]:
    path = Path(__file__).parent / "data" / f"errors_{provider}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
