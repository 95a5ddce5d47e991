"""Anthropic messages, one JSON object a line; also the result lines of Message Batches."""

from collections.abc import Mapping
from typing import Any

from llmops.costmodel.usage.readers.base import At, Reader, Reading, first_of, item

_STAMPS = ("timestamp", "created_at", "time")


class AnthropicMessages(Reader):
    """Fields as in anthropic 2.12. `input_tokens` is the uncached input; the three input classes add up.

    With server tools the split of cache writes covers only the first iteration; the remainder is kept as written with
    another lifetime. A message has no time: the caller's `timestamp`, `created_at` or `time` is used.
    """

    looks_for = "JSON `type` message with usage.input_tokens, or batch lines with custom_id and result"
    input_includes_cache = False
    keep = "last"  # a message that is logged while it grows has its final count in the last record

    def recognises(self, record: Mapping[str, Any]) -> bool:
        is_message = record.get("type") == "message" and isinstance(record.get("usage"), Mapping)
        return is_message or ("custom_id" in record and isinstance(item(record, "result", "type"), str))

    def reading(self, at: At) -> Reading:
        def message(*path: str) -> str:
            return first_of(at(*path), at("result", "message", *path))

        def usage(*path: str) -> str:
            return message("usage", *path)

        return Reading(
            {
                "ts_utc": first_of(*(at(stamp) for stamp in _STAMPS)),
                "provider": first_of(at("provider"), "'anthropic'"),
                "model_served": message("model"),
                "input_tokens": usage("input_tokens"),
                "cache_read_tokens": usage("cache_read_input_tokens"),
                "cache_write_tokens": usage("cache_creation_input_tokens"),
                "cache_write_5m_tokens": usage("cache_creation", "ephemeral_5m_input_tokens"),
                "cache_write_1h_tokens": usage("cache_creation", "ephemeral_1h_input_tokens"),
                "output_total_tokens": usage("output_tokens"),
                "output_reasoning_tokens": usage("output_tokens_details", "thinking_tokens"),
                "processing": _processing(at("custom_id"), usage("service_tier")),
                "service_tier": usage("service_tier"),
                "speed": usage("speed"),
                "geo": usage("inference_geo"),
                "status": _status(at),
                "tenant": first_of(at("team"), at("metadata", "team")),
                "feature": first_of(at("feature"), at("metadata", "feature")),
                "user": first_of(at("user"), at("metadata", "user_id")),
                "dedupe_key": first_of(at("result", "message", "id"), at("id")),
            }
        )


def _processing(custom_id: str, service_tier: str) -> str:
    return f"case when {custom_id} is not null or {service_tier} = 'batch' then 'batch' end"


def _status(at: At) -> str:
    result = at("result", "type")
    error = first_of(at("result", "error", "error", "type"), at("result", "error", "type"), result)
    return (
        f"case when {at('type')} = 'error' then {first_of(at('error', 'type'), at('type'))} "
        f"when {result} <> 'succeeded' then {error} else 'success' end"
    )
