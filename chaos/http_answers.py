"""What HTTP faults answer with: the provider's own error where a dialect is known, a plain one where none is."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import orjson

from llmops.chaos.limit_headers import rfc3339, without_hint
from llmops.chaos.wire.dialect import ProviderError
from llmops.chaos.wire.errors import NoSuchErrorInDialectError
from llmops.chaos.wire.errors import provider_error as error_of
from llmops.chaos.wire.http1 import reason_of
from llmops.chaos.wire.parts import AnswerHead, Body, End, Part
from llmops.errors import BadInput

if TYPE_CHECKING:
    from llmops.chaos.faults.base import FaultContext

KIND_OF_STATUS = {
    400: "invalid_request",
    401: "invalid_api_key",
    403: "permission",
    404: "model_not_found",
    408: "timeout",
    409: "conflict",
    413: "too_large",
    424: "failed_dependency",
    429: "rate_limit_requests",
    500: "server_error",
    502: "bad_gateway",
    503: "unavailable",
    504: "gateway_timeout",
    529: "overloaded",
}
"""The error that a status mostly means; of any other, the kind of its hundred."""

LEAST_ERROR, LEAST_SERVER_ERROR, MOST_STATUS = 400, 500, 599

WAITS = ("retry-after", "retry-after-ms")
"""Headers that tell when to come back: the receipt repeats them, for whoever judges who did."""

NOBODY = "nobody: a plain error"
"""In receipts: the route is none that is known, so that no provider has sent such a body."""

Headers = Mapping[str, str | None]
"""Set over the provider's own; None takes one away."""


def provider_error(
    context: "FaultContext", kind: str, *, status: int | None = None, headers: Headers | None = None, **details: object
) -> Iterator[Part]:
    """The provider's error of a kind of chaos/wire/errors.py, noted; nothing, and not applied, where it has none.

    `status` overrides the provider's own; a `retry_after_s` of None says that waiting will not help. A route that no
    dialect reads gets the error of whose route it is; one that nobody knows gets a plain one, and the receipt says so.
    """
    wait_s = details.get("retry_after_s")
    known = {
        "request_id": f"req_{context.rng.getrandbits(96):024x}",
        "model": context.request.asked.model if context.request.asked else None,
        "resets_at": rfc3339(context.clock() + float(wait_s)) if isinstance(wait_s, int | float) else None,
    }
    filled = {name: value for name, value in {**known, **details}.items() if value is not None}
    try:
        error = _error(context, kind, status, filled)
    except NoSuchErrorInDialectError as no_such:
        context.not_applied(str(no_such))
        return
    if details.get("retry_after_s", 0) is None:
        error = without_hint(error)
    changed = {name.lower(): value for name, value in {**error.headers, **(headers or {})}.items()}
    told = {name.replace("-", "_"): value for name in WAITS if (value := changed.get(name)) is not None}
    if context.request.dialect is None:
        told["error_of"] = context.request.provider or NOBODY
    context.note(f"answered {error.status} {kind}", status=error.status, error_kind=kind, **told)
    yield from whole(error.status, {name: value for name, value in changed.items() if value is not None}, error.body)


def whole(status: int, headers: Mapping[str, str], body: bytes) -> Iterator[Part]:
    """A complete answer."""
    pairs = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
    yield AnswerHead(status, reason_of(status), (*pairs, (b"content-length", b"%d" % len(body))))
    yield Body(body)
    yield End()


def kind_of_status(status: int) -> str:
    """The kind of error that this status mostly means."""
    default = "server_error" if status >= LEAST_SERVER_ERROR else "invalid_request"
    return KIND_OF_STATUS.get(status, default)


def check_error_status(status: int, *, where: str) -> None:
    """BadInput for a status that is no error."""
    if not LEAST_ERROR <= status <= MOST_STATUS:
        raise BadInput(f"{where}: {status} is no status of an error", hint="400 to 599")


def _error(context: "FaultContext", kind: str, status: int | None, details: Mapping[str, object]) -> ProviderError:
    provider = context.request.provider
    if provider is not None:
        return error_of(provider, kind, **details, **({"status": status} if status else {}))
    found = status or PLAIN_STATUS.get(kind, LEAST_SERVER_ERROR)
    message = f"{reason_of(found).decode()} ({kind.replace('_', ' ')})"
    wait = {"retry-after": str(details["retry_after_s"])} if "retry_after_s" in details else {}
    body = orjson.dumps({"error": {"message": message, "type": kind}})
    return ProviderError(found, {"content-type": "application/json", **wait}, body)


PLAIN_STATUS = {
    **{kind: status for status, kind in KIND_OF_STATUS.items()},
    "rate_limit_tokens": 429,
    "insufficient_quota": 429,
    "spend_limit": 429,
    "context_length": 400,
    "content_filter": 400,
}
"""What a plain error of a kind has as its status."""
