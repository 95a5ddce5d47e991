"""How simulated providers say no: the provider's own errors, and three that name what was wrong with the request."""

from collections.abc import Mapping
from typing import Any

import orjson

from llmops.chaos.wire.dialect import ProviderError
from llmops.chaos.wire.errors import provider_error

NO_KEY = {
    "openai": "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
    "auth (i.e. Authorization: Bearer YOUR_KEY).",
    "anthropic": "x-api-key header is required",
    "gemini": "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
    "other form of API consumer identity to call this API.",
}

# What a refusal says besides its message: status, and the type or status of each provider.
NAMED = {
    "bad_request": (400, "invalid_request_error", "INVALID_ARGUMENT"),
    "no_key": (401, "authentication_error", "PERMISSION_DENIED"),
    "no_route": (404, "not_found_error", "NOT_FOUND"),
}
FORBIDDEN = 403


def refusal(provider: str, kind: str, **details: object) -> ProviderError:
    """The refusal of one of `bad_request`, `no_key`, `no_route` (detail: message), or of a kind of wire/errors."""
    if kind not in NAMED:
        return provider_error(provider, kind, **details)
    status, anthropic_type, gemini_status = NAMED[kind]
    message = str(details.get("message") or NO_KEY[provider])
    body: Mapping[str, Any]
    if provider == "anthropic":
        error = {"type": anthropic_type, "message": message}
        body = {"type": "error", "error": error, "request_id": details.get("request_id")}
    elif provider == "gemini":
        status = FORBIDDEN if kind == "no_key" else status
        body = {"error": {"code": status, "message": message, "status": gemini_status}}
    else:
        param = details.get("param")
        body = {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}
    return ProviderError(status, {"content-type": "application/json"}, orjson.dumps(body))
