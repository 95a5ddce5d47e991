"""OpenAI chat completions, one JSON object a line; also Responses objects and the output lines of the Batch API."""

from collections.abc import Mapping
from typing import Any

from llmops.costmodel.usage.quoting import literal
from llmops.costmodel.usage.readers.base import At, Reader, Reading, first_of, item, one_of
from llmops.costmodel.usage.reasons import NOT_A_CALL

_OBJECTS = ("chat.completion", "chat.completion.chunk", "text_completion", "response")
_STAMPS = ("timestamp", "time")


class OpenaiChat(Reader):
    """Fields as in openai 3.54. Cached and cache-write tokens are in the input, reasoning tokens are in the output.

    What the caller stamped on a line is used: `timestamp` before `created`, `team`, `feature` and `user`, on the line
    or in `metadata`. A chunk of a stream without usage is no call of its own.
    """

    looks_for = "JSON `object` chat.completion or response, or batch lines with custom_id and response.body"
    input_includes_cache = True
    keep = "last"  # of a stream's chunks the last one has the counts

    def recognises(self, record: Mapping[str, Any]) -> bool:
        body = item(record, "response", "body") or record
        return item(body, "object") in _OBJECTS or ("custom_id" in record and "response" in record)

    def reading(self, at: At) -> Reading:
        def body(*path: str) -> str:
            return first_of(at(*path), at("response", "body", *path))

        return Reading(
            {
                "ts_utc": _time(at, body),
                "provider": first_of(at("provider"), "'openai'"),
                "model_served": body("model"),
                **_counts(body),
                "processing": f"case when {at('custom_id')} is not null then 'batch' end",
                "service_tier": body("service_tier"),
                "status": _status(at, body),
                "tenant": first_of(at("team"), body("metadata", "team")),
                "feature": first_of(at("feature"), body("metadata", "feature")),
                "user": first_of(body("user"), body("metadata", "user"), body("safety_identifier")),
                "dedupe_key": first_of(at("response", "body", "id"), at("id")),
            },
            time_unit="epoch_s or iso",
            set_aside=_set_aside(body),
        )


def _counts(body: At) -> dict[str, str]:
    def usage(chat: tuple[str, ...], responses: tuple[str, ...]) -> str:
        return first_of(body("usage", *chat), body("usage", *responses))

    prompt, given = "prompt_tokens_details", "input_tokens_details"
    completion, returned = "completion_tokens_details", "output_tokens_details"
    return {
        "input_tokens": usage(("prompt_tokens",), ("input_tokens",)),
        "cache_read_tokens": usage((prompt, "cached_tokens"), (given, "cached_tokens")),
        "cache_write_other_tokens": usage((prompt, "cache_write_tokens"), (given, "cache_write_tokens")),
        "output_total_tokens": usage(("completion_tokens",), ("output_tokens",)),
        "output_reasoning_tokens": usage((completion, "reasoning_tokens"), (returned, "reasoning_tokens")),
        "input_audio_tokens": usage((prompt, "audio_tokens"), (given, "audio_tokens")),
        "output_audio_tokens": usage((completion, "audio_tokens"), (returned, "audio_tokens")),
    }


def _time(at: At, body: At) -> str:
    return first_of(*(at(stamp) for stamp in _STAMPS), body("created"), body("created_at"))


def _status(at: At, body: At) -> str:
    error = first_of(body("error", "code"), body("error", "type"), at("error", "message"), body("error"))
    http = at("response", "status_code")
    return (
        f"case when {body('error')} is not null then {error} "
        f"when try_cast({http} as integer) >= 400 then 'http_' || {http} "
        f"when {one_of(body('status'), 'failed', 'cancelled')} then {body('status')} else 'success' end"
    )


def _set_aside(body: At) -> str:
    is_chunk = f"{body('object')} = 'chat.completion.chunk' and {body('usage')} is null"
    return f"case when {is_chunk} then {literal(NOT_A_CALL)} end"
