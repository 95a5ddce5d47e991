"""The load of a step as planned calls, and what came back as evidence."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.schema import Experiment, Load
from llmops.chaos.load.plan import PlannedCall
from llmops.chaos.load.record import CallRecord
from llmops.chaos.providers.answering.ask import Malformed
from llmops.chaos.providers.base import providers
from llmops.chaos.providers.serving.desk import truth_of

QUESTION = "Write a short report on what was observed today. [llmops:{}]"

Body = dict[str, Any]


def _chat(load: Load, text: str) -> tuple[str, Body]:
    more: Body = {"stream": True, "stream_options": {"include_usage": True}} if load.stream else {}
    limit: Body = {} if load.max_tokens is None else {"max_tokens": load.max_tokens}
    return "/chat/completions", {"model": load.model, "messages": [{"role": "user", "content": text}], **more, **limit}


def _responses(load: Load, text: str) -> tuple[str, Body]:
    limit: Body = {} if load.max_tokens is None else {"max_output_tokens": load.max_tokens}
    return "/responses", {"model": load.model, "input": text, "stream": load.stream, **limit}


def _anthropic(load: Load, text: str) -> tuple[str, Body]:
    messages = [{"role": "user", "content": text}]
    limit = load.max_tokens or 1024  # it must be given
    return "/messages", {"model": load.model, "messages": messages, "stream": load.stream, "max_tokens": limit}


def _gemini(load: Load, text: str) -> tuple[str, Body]:
    method = "streamGenerateContent?alt=sse" if load.stream else "generateContent"
    limit: Body = {} if load.max_tokens is None else {"generationConfig": {"maxOutputTokens": load.max_tokens}}
    return f"/models/{load.model}:{method}", {"contents": [{"role": "user", "parts": [{"text": text}]}], **limit}


ASKS: Mapping[str, Callable[[Load, str], tuple[str, Body]]] = {
    "openai_chat": _chat,
    "openai_responses": _responses,
    "anthropic_messages": _anthropic,
    "gemini": _gemini,
}
"""The dialects that a load can speak."""

PROVIDER_OF = {
    "openai_chat": "openai",
    "openai_responses": "openai",
    "anthropic_messages": "anthropic",
    "gemini": "gemini",
}


def planned_calls(load: Load, offsets: Sequence[float], prefix: str) -> Iterator[PlannedCall]:
    """A call for each moment; no two runs ask the same, so that no cache answers."""
    for number, at_s in enumerate(offsets, 1):
        request_id = f"{prefix}-{number}"
        path, body = ASKS[load.dialect](load, QUESTION.format(request_id))
        yield PlannedCall(
            at_s=at_s,
            request_id=request_id,
            dialect=load.dialect,
            path=path,
            model=load.model,
            stream=load.stream,
            body=orjson.dumps(body),
        )


def user_request(
    record: CallRecord, *, phase: str, repetition: int, deadline_s: float, truth: str | None
) -> UserRequest:
    """A record of the load as evidence."""
    return UserRequest(
        id=record.request_id,
        phase=phase,
        repetition=repetition,
        scheduled_at=record.scheduled_at,
        sent_at=record.scheduled_at if record.sent_at is None else record.sent_at,
        ended_at=None if record.transport_error == "cancelled" else record.ended_at,
        deadline_s=deadline_s,
        dialect=record.dialect,
        path=record.path,
        body=record.request_body,
        stream=record.stream,
        model_asked=record.model_asked,
        tenant=record.tenant,
        status=record.status,
        content_type=record.content_type,
        answer_bytes=record.answer_bytes,
        answer_body=record.answer_body,
        transport_error=record.transport_error,
        error_type=record.error_type,
        error_event=record.error_event,
        unreadable=record.unreadable,
        text=record.text,
        refusal=record.refusal,
        tool_arguments=tuple(record.tool_arguments),
        finish_reason=record.finish_reason,
        terminated=record.complete,
        model_answered=record.model_answered,
        input_tokens=record.input_tokens,
        output_tokens=record.output_tokens,
        first_token_at=record.first_token_at,
        piece_times=tuple(record.piece_times),
        truth=truth,
    )


def truth(experiment: Experiment, record: CallRecord) -> str | None:
    """The whole true answer; None where a provider is real, or nobody knows."""
    if any(provider.simulate is None for provider in experiment.providers.values()):
        return None
    provider = providers.get(PROVIDER_OF[record.dialect])()
    try:
        return truth_of(provider, provider.base_path + record.path, record.request_body, experiment.seed)
    except Malformed:
        return None
