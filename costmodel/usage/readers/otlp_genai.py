"""OpenTelemetry spans of GenAI calls in OTLP JSON: one export, or one a line; every span is a record."""
# ruff: noqa: S608 - the SQL is put together from our own expressions

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmops.costmodel.usage.quoting import literal
from llmops.costmodel.usage.readers.base import At, Reader, Reading, first_of, one_of
from llmops.costmodel.usage.reasons import NO_SPANS, NOT_A_CALL, NOT_JSON

if TYPE_CHECKING:
    from llmops.costmodel.usage.containers import Records

_CALLS = ("chat", "text_completion", "generate_content", "embeddings")


class OtlpGenai(Reader):
    """Semantic conventions of the package 0.66b2, and the older names. The input has the cache in it.

    Agent frameworks repeat the usage of the calls below in the spans above. So spans of the operations chat,
    text_completion, generate_content and embeddings are calls; a span with usage that names no operation is one if no
    span below it is; all other spans (agents, tools, HTTP) are set aside. Feature is the service.name of the resource.
    """

    looks_for = "JSON key resourceSpans"
    input_includes_cache = True

    def recognises(self, record: Mapping[str, Any]) -> bool:
        return "resourceSpans" in record

    def nested(self, records: "Records") -> "Records":
        lines = f"select fault, text from ({records.relation}) where not {records.is_blank}"
        return replace(records, relation=_spans(lines), text="text", lines=None, is_blank="false")

    def reading(self, at: At) -> Reading:
        operation = at("attributes", "gen_ai.operation.name")
        counts = _counts(at, operation)
        has_usage = f"coalesce({counts['input_tokens']}, {_output(at)}) is not null"
        is_call = f"case when {operation} is null then {has_usage} else {one_of(operation, *_CALLS)} end"
        return Reading(
            {
                "ts_utc": at("span", "startTimeUnixNano"),
                **counts,
                **_names(at),
                "latency_s": _seconds(at("span", "startTimeUnixNano"), at("span", "endTimeUnixNano")),
                "dedupe_key": _key(at("span", "traceId"), at("span", "spanId")),
                "parent_key": _key(at("span", "traceId"), at("span", "parentSpanId")),
            },
            time_unit="epoch_ns",
            set_aside=f"case when not ({is_call}) then {literal(NOT_A_CALL)} end",
            leaf_only=f"({operation} is null and {has_usage})",
        )


def _spans(lines: str) -> str:
    """SQL: one record a span, with its attributes and those of its resource; one for a line without spans."""
    spans = f"list_transform(json_extract(r, '$.scopeSpans[*].spans[*]'), lambda s: {_row(_FAULT, _SPAN)})"
    return f"""
        select found.fault as fault, found.text as text from (select unnest(case
            when fault is not null then [{_row("fault", "text")}]
            when try(json_type(text, '/resourceSpans')) is distinct from 'ARRAY'
                then [{_row(literal(NO_SPANS), "text")}]
            else flatten(list_transform(json_extract(text, '$.resourceSpans[*]'), lambda r: {spans}))
        end) as found from ({lines}))"""


def _names(at: At) -> dict[str, str]:
    def attribute(*names: str) -> str:
        return first_of(*(at("attributes", name) for name in names))

    has_failed = one_of(at("span", "status", "code"), "2", "STATUS_CODE_ERROR")
    error = at("attributes", "error.type")
    return {
        "provider": attribute("gen_ai.provider.name", "gen_ai.system"),
        "model_requested": attribute("gen_ai.request.model"),
        "model_served": attribute("gen_ai.response.model"),
        "service_tier": attribute("openai.response.service_tier", "openai.request.service_tier"),
        "status": f"case when {has_failed} or {error} is not null then coalesce({error}, 'error') else 'success' end",
        "tenant": at("resource", "service.namespace"),
        "feature": at("resource", "service.name"),
        "user": attribute("user.id", "enduser.id"),
    }


def _counts(at: At, operation: str) -> dict[str, str]:
    def usage(*names: str) -> str:
        return first_of(*(at("attributes", f"gen_ai.usage.{name}") for name in names))

    return {
        "input_tokens": usage("input_tokens", "prompt_tokens"),
        "cache_read_tokens": usage("cache_read.input_tokens", "cache_read_input_tokens", "input_tokens.cached"),
        "cache_write_other_tokens": usage("cache_creation.input_tokens", "cache_creation_input_tokens"),
        "output_total_tokens": f"coalesce({_output(at)}, case when {operation} = 'embeddings' then '0' end)",
        "output_reasoning_tokens": usage("reasoning.output_tokens"),
    }


def _output(at: At) -> str:
    return first_of(*(at("attributes", f"gen_ai.usage.{name}") for name in ("output_tokens", "completion_tokens")))


def _row(fault: str, text: str) -> str:
    return f"{{'fault': {fault}, 'text': {text}}}"


def _attributes(owner: str) -> str:
    """SQL: the list of {key, value: {type: value}} as one JSON object."""
    value = "coalesce(json_extract(a, '$.value.*')[1]::varchar, 'null')"
    pair = f"to_json(a->>'$.key')::varchar || ':' || {value}"
    pairs = f"list_transform(json_extract({owner}, '$.attributes[*]'), lambda a: {pair})"
    return f"'{{' || coalesce(array_to_string({pairs}, ','), '') || '}}'"


_FAULT = f"case when json_type(s) is distinct from 'OBJECT' then {literal(NOT_JSON)} end"
_SPAN = (
    f"""'{{"span":' || s::varchar || ',"attributes":' || {_attributes("s")} || """
    f"""',"resource":' || coalesce({_attributes("json_extract(r, '$.resource')")}, '{{}}') || '}}'"""
)


def _seconds(start_ns: str, end_ns: str) -> str:
    return f"((try_cast({end_ns} as bigint) - try_cast({start_ns} as bigint)) / 1e9)::varchar"


def _key(trace: str, span: str) -> str:
    return f"{trace} || ':' || {span}"
