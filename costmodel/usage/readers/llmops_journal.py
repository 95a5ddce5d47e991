"""The journal of the fault proxy: one row an attempt, from its wire records."""

from collections.abc import Mapping
from typing import Any

from llmops.costmodel.usage.quoting import literal
from llmops.costmodel.usage.readers.base import At, Reader, Reading, first_of, one_of
from llmops.costmodel.usage.reasons import COUNTS_CUT, NOT_A_CALL, OUTPUT_CUT

_KINDS = ("receipt", "wire", "lease", "step", "note")
_CACHE_APART = ("anthropic_messages", "bedrock")  # their input count is without the cache; all others include it
_COUNTS_ON_THE_WAY = ("anthropic_messages", "gemini")  # a first count, then the final one with the finish reason
_FIRST_ERROR = 400


class LlmopsJournal(Reader):
    """Schema 1. Counts are those of the provider, before a fault changed what the client saw: they are what is billed.

    Attempts of one request share their `call_id`. Receipts, leases, steps and notes are set aside, and so are requests
    on routes that call no model. A failed attempt has the class of its error as its status: that of the provider, else
    the HTTP status that the client saw, else how the answer ended.

    An answer that was cut is billed as far as it was made. Where the provider told only a first count (Anthropic's and
    Gemini's streams do) or none (OpenAI's), its counts are a lower bound, and said to be.
    """

    looks_for = "JSON keys schema_version, at, and a kind such as wire or receipt"
    input_includes_cache = True

    def recognises(self, record: Mapping[str, Any]) -> bool:
        return "schema_version" in record and "at" in record and record.get("kind") in _KINDS

    def reading(self, at: At) -> Reading:
        return Reading(
            {
                "ts_utc": at("at"),
                "provider": at("provider"),
                "model_requested": at("model_asked"),
                "model_served": at("model_answered"),
                "input_tokens": _input(at),
                "cache_read_tokens": at("cache_read_tokens"),
                "cache_write_tokens": at("cache_write_tokens"),
                "output_total_tokens": _output(at),
                "output_reasoning_tokens": at("output_reasoning_tokens"),
                "status": _status(at),
                "latency_s": at("duration_s"),
                "ttft_s": at("ttft_s"),
                "call_id": at("request_id"),
                "dedupe_key": f"{at('at')} || ' ' || {at('provider')} || ' ' || {at('call')}",
            },
            set_aside=_set_aside(at),
            at_least=_at_least(at),
        )


def _input(at: At) -> str:
    whole = " + ".join(f"coalesce(try_cast({at(f'cache_{kind}_tokens')} as bigint), 0)" for kind in ("read", "write"))
    apart = one_of(at("dialect"), *_CACHE_APART)
    count = at("input_tokens")
    return f"case when {apart} then (try_cast({count} as bigint) + {whole})::varchar else {count} end"


def _output(at: At) -> str:
    """An embedding has none, and no provider says so."""
    is_embedding = f"{one_of(at('dialect'), 'openai_embeddings')} and {at('input_tokens')} is not null"
    return f"case when {is_embedding} then '0' else {at('output_tokens')} end"


def _status(at: At) -> str:
    ended, http = at("ended"), at("status")
    is_cut = f"{at('stream')} = 'true' and {at('complete')} = 'false'"
    return (
        f"case when {at('error_type')} is not null then {at('error_type')} "
        f"when try_cast({http} as integer) >= {_FIRST_ERROR} then 'http_' || {http} "
        f"when {ended} <> 'complete' then {ended} "
        f"when {http} is null then {first_of(ended, literal('no_answer'))} "
        f"when {is_cut} then 'incomplete' else 'success' end"
    )


def _set_aside(at: At) -> str:
    is_call = f"{at('kind')} = 'wire' and {at('dialect')} is not null"
    return f"case when {is_call} then NULL else {literal(NOT_A_CALL)} end"


def _at_least(at: At) -> str:
    """Only of an answer that had begun: what was refused cost nothing, and a whole one has its final counts."""
    was_cut = f"{at('upstream_status')} = '200' and {at('stream')} = 'true' and {at('complete')} = 'false'"
    provisional = f"{one_of(at('dialect'), *_COUNTS_ON_THE_WAY)} and {at('finish_reason')} is null"
    return (
        f"case when {was_cut} and {at('output_tokens')} is null then {literal(COUNTS_CUT)} "
        f"when {was_cut} and {provisional} then {literal(OUTPUT_CUT)} end"
    )
