"""LiteLLM spend logs: rows of LiteLLM_SpendLogs as JSON lines or as a CSV export."""

from collections.abc import Mapping
from typing import Any

from llmops.costmodel.usage.quoting import literal
from llmops.costmodel.usage.readers.base import At, Reader, Reading, first_of
from llmops.costmodel.usage.reasons import GATEWAY_CACHE, NOT_A_CALL

_KEYS = ("request_id", "call_type", "spend", "startTime")
# Housekeeping of the gateway that reaches no model; other call types count, and so do health checks: they are billed.
_HOUSEKEEPING = "mcp|file|vector_store|create_batch|list_|cancel_"


class LitellmSpendLogs(Reader):
    """Schema of litellm 1.109.1. The token counts are those of `metadata.usage_object` where a row has it.

    Tenant is the team, else the key; feature the first request tag, else the name of the key; user the end user.
    `cache_hit` is the gateway's own answer cache, not prompt caching: such a row was answered without any provider, and
    is set aside (unless it has a spend). Failed attempts and retries are rows of their own: each may be billed.
    """

    looks_for = "JSON keys or CSV columns request_id, call_type, spend, startTime"
    input_includes_cache = True  # LiteLLM turns the exclusive counts of Anthropic into inclusive ones
    keep = "last"

    def recognises(self, record: Mapping[str, Any]) -> bool:
        return all(key in record for key in _KEYS)

    def reading(self, at: At) -> Reading:
        return Reading(
            {
                "ts_utc": at("startTime"),
                "provider": at("custom_llm_provider"),
                "model_requested": at("model_group"),
                "model_served": at("model"),
                **_counts(at),
                "processing": f"case when contains({at('call_type')}, 'batch') then 'batch' end",
                "service_tier": at("metadata", "cost_breakdown", "service_tier"),
                "status": _status(at),
                "latency_s": _seconds_between(at("startTime"), at("endTime")),
                "ttft_s": _seconds_between(at("startTime"), at("completionStartTime")),
                "cost_reported_usd": at("spend"),
                "tenant": first_of(at("team_id"), at("api_key")),
                "feature": first_of(_first_tag(at("request_tags")), at("metadata", "user_api_key_alias")),
                "user": first_of(at("end_user"), at("user")),
                "call_id": at("litellm_call_id"),
                "dedupe_key": at("request_id"),
            },
            set_aside=_set_aside(at),
        )


def _counts(at: At) -> dict[str, str]:
    def usage(*path: str) -> str:
        return at("metadata", "usage_object", *path)

    writes = ("prompt_tokens_details", "cache_creation_token_details")
    return {
        "input_tokens": first_of(usage("prompt_tokens"), at("prompt_tokens")),
        "cache_read_tokens": first_of(
            usage("cache_read_input_tokens"), usage("prompt_tokens_details", "cached_tokens")
        ),
        "cache_write_tokens": first_of(
            usage("cache_creation_input_tokens"),
            usage("prompt_tokens_details", "cache_creation_tokens"),
            usage("prompt_tokens_details", "cache_write_tokens"),
        ),
        "cache_write_5m_tokens": first_of(
            usage(*writes, "ephemeral_5m_input_tokens"), usage("cache_creation", "ephemeral_5m_input_tokens")
        ),
        "cache_write_1h_tokens": first_of(
            usage(*writes, "ephemeral_1h_input_tokens"), usage("cache_creation", "ephemeral_1h_input_tokens")
        ),
        "output_total_tokens": first_of(usage("completion_tokens"), at("completion_tokens")),
        "output_reasoning_tokens": usage("completion_tokens_details", "reasoning_tokens"),
        "input_audio_tokens": usage("prompt_tokens_details", "audio_tokens"),
        "output_audio_tokens": usage("completion_tokens_details", "audio_tokens"),
    }


def _status(at: At) -> str:
    error = first_of(at("metadata", "error_information", "error_class"), at("status"))
    return f"case when {at('status')} is null or {at('status')} = 'success' then 'success' else {error} end"


def _seconds_between(start: str, end: str) -> str:
    return f"((epoch_us(try_cast({end} as timestamptz)) - epoch_us(try_cast({start} as timestamptz))) / 1e6)::varchar"


def _first_tag(tags: str) -> str:
    """The first tag that the caller gave; LiteLLM adds the user agent by itself."""
    listed = f"try(json_extract_string({tags}, '$[*]'))"
    return f"list_extract(list_filter({listed}, lambda tag: tag <> '' and not starts_with(tag, 'User-Agent')), 1)"


def _set_aside(at: At) -> str:
    is_cached = f"lower({at('cache_hit')}) in ('true', 't', '1') and coalesce(try_cast({at('spend')} as double), 0) = 0"
    tokens = f"coalesce(try_cast({at('total_tokens')} as double), 0)"
    is_housekeeping = f"regexp_matches({at('call_type')}, {literal(_HOUSEKEEPING)}) and {tokens} = 0"
    return f"case when {is_cached} then {literal(GATEWAY_CACHE)} when {is_housekeeping} then {literal(NOT_A_CALL)} end"
