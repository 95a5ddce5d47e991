"""The headers in which each provider tells its rate limits: on good answers, and on refusals."""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from llmops.chaos.wire.dialect import ProviderError
from llmops.limits import Admission, AxisState

Headers = dict[str, str]

QUOTA_KIND = {"anthropic": "spend_limit"}  # a used-up quota, where it is called otherwise

WAIT_IN_WORDS = re.compile(rb" Please (?:try again in \S+s|retry after \S+ seconds)\.")  # OpenAI's, Azure's

SECONDS_PER_MINUTE, SECONDS_PER_HOUR = 60, 3600


def limit_headers(provider: str, admission: Admission, now_s: float) -> Headers:
    """The headers of an admission or refusal; none for providers that tell nothing (Gemini), or without limits.

    Names: provider-failures.md 3.1 (OpenAI) and 4.1 (Anthropic). `now_s` in epoch seconds.
    """
    if provider == "openai":
        return openai_headers(admission)
    if provider == "anthropic":
        return anthropic_headers(admission, now_s)
    return {}


def limit_refusal(provider: str, admission: Admission, tokens: float) -> tuple[str, dict[str, Any]]:
    """The kind and the details of the error of a request that was not admitted, for `wire.errors.provider_error`."""
    blocked = admission.blocked_by
    state = {"requests": admission.requests, "tokens": admission.tokens, "quota": admission.quota}.get(blocked or "")
    if state is None:
        raise ValueError("this request was admitted")
    wait_s = admission.retry_after_s
    details = {
        "limit": int(state.limit),
        "used": int(state.limit) - int(state.remaining),  # rounded up: with what was requested it is over the limit
        "requested": int(tokens) if blocked == "tokens" else 1,
        "retry_after_s": None if math.isinf(wait_s) else whole_seconds(wait_s),
    }
    return QUOTA_KIND.get(provider, "insufficient_quota") if blocked == "quota" else f"rate_limit_{blocked}", details


def without_hint(error: ProviderError) -> ProviderError:
    """The same refusal without any word of when to come again: for a request that will never fit."""
    body = WAIT_IN_WORDS.sub(b"", error.body)
    if b"RetryInfo" in body:
        said = orjson.loads(body)
        details = said["error"]["details"]
        said["error"]["details"] = [detail for detail in details if not detail["@type"].endswith("RetryInfo")]
        body = orjson.dumps(said)
    kept = {name: value for name, value in error.headers.items() if not name.lower().startswith("retry-after")}
    return replace(error, headers=kept, body=body)


def openai_headers(admission: Admission) -> Headers:
    """`x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, resets as durations such as `6m0s`."""
    headers: Headers = {}
    for axis, state in (("requests", admission.requests), ("tokens", admission.tokens)):
        if state is not None:
            headers[f"x-ratelimit-limit-{axis}"] = str(int(state.limit))
            headers[f"x-ratelimit-remaining-{axis}"] = str(int(state.remaining))
            headers[f"x-ratelimit-reset-{axis}"] = duration(state.reset_s)
    return headers


def anthropic_headers(admission: Admission, now_s: float) -> Headers:
    """`anthropic-ratelimit-{requests,input-tokens,tokens}-{limit,remaining,reset}`, resets as RFC 3339 moments."""
    headers: Headers = {}
    for axis, state in (("requests", admission.requests), ("input-tokens", admission.tokens)):
        if state is not None:
            headers |= anthropic_axis(axis, state, now_s)
    if admission.tokens is not None:
        headers |= anthropic_axis("tokens", admission.tokens, now_s)
    return headers


def anthropic_axis(axis: str, state: AxisState, now_s: float) -> Headers:
    """The three headers of one axis."""
    return {
        f"anthropic-ratelimit-{axis}-limit": str(int(state.limit)),
        f"anthropic-ratelimit-{axis}-remaining": str(int(state.remaining)),
        f"anthropic-ratelimit-{axis}-reset": rfc3339(now_s + state.reset_s),
    }


def whole_seconds(seconds: float) -> int:
    """As `retry-after` tells them: rounded up, so that nobody comes too early, and at least 1."""
    return max(1, math.ceil(seconds - 1e-6))


def duration(seconds: float) -> str:
    """As Go prints it: `20ms`, `1.5s`, `6m0s`, `1h2m3s`."""
    if math.isinf(seconds):
        seconds = 0.0
    if seconds < 1:
        return f"{math.ceil(seconds * 1000 - 1e-6)}ms" if seconds > 0 else "0s"
    seconds = round(seconds, 3)
    hours, rest = divmod(seconds, SECONDS_PER_HOUR)
    minutes, rest = divmod(rest, SECONDS_PER_MINUTE)
    text = f"{round(rest, 3):g}s"
    if hours:
        return f"{int(hours)}h{int(minutes)}m{text}"
    return f"{int(minutes)}m{text}" if minutes else text


def rfc3339(epoch_s: float) -> str:
    """The moment in UTC, in whole seconds rounded up; the year 9999 where it never comes."""
    if math.isinf(epoch_s):
        return "9999-12-31T23:59:59Z"
    return datetime.fromtimestamp(math.ceil(epoch_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
