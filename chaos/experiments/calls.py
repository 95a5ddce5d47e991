"""The load of a step as planned calls, and what came back as evidence."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.schema import Experiment, Load
from llmops.chaos.load import arrivals
from llmops.chaos.load.asks import ASKS, prefix_of
from llmops.chaos.load.plan import PlannedCall
from llmops.chaos.load.prompts import Due, Mix, planned_calls
from llmops.chaos.load.record import CallRecord
from llmops.chaos.providers.answering.ask import Malformed
from llmops.chaos.providers.base import providers
from llmops.chaos.providers.serving.desk import truth_of

PROVIDER_OF = {"anthropic_messages": "anthropic", "gemini": "gemini"}
"""Who speaks the load's dialect as its own; OpenAI speaks the others. All simulated providers say the same."""


def offsets(load: Load, seed: int, *, count: int | None = None, duration_s: float | None = None) -> tuple[float, ...]:
    """When requests are due, in seconds: so many, or those of so many seconds."""
    every = arrivals.named(load.arrivals, load.requests_per_second, shape=load.shape or 1.0, seed=seed)
    return tuple(arrivals.until(every, count=count, duration_s=duration_s))


def calls(experiment: Experiment, due: Iterable[float], *, base_url: str, run: str) -> Iterator[PlannedCall]:
    """A call for each moment. `run` makes their ids unlike those of any other step of any run."""
    load = experiment.load
    mix = Mix(
        dialect=load.dialect,
        models={load.model: 1.0},
        tenants=load.tenants,
        tenant_header=load.tenant_header,
        stream=load.stream,
        input_tokens=load.input_tokens,
        max_tokens=load.max_tokens,
    )
    planned = planned_calls(map(Due, due), mix, base_url=base_url, run=run, seed=experiment.seed)
    return (replace(call, body=_merged(call.body, load.body)) for call in planned) if load.body else planned


def _merged(body: bytes, more: Mapping[str, Any]) -> bytes:
    import orjson

    return orjson.dumps({**orjson.loads(body), **more})


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
        output_reasoning_tokens=record.output_reasoning_tokens,
        first_token_at=record.first_token_at,
        piece_times=tuple(record.piece_times),
        truth=truth,
    )


def truth(experiment: Experiment, record: CallRecord) -> str | None:
    """The whole true answer; None where a provider is real, or nobody knows."""
    if any(provider.simulate is None for provider in experiment.providers.values()):
        return None
    provider = providers.get(PROVIDER_OF.get(record.dialect, "openai"))()
    base = provider.base_path + prefix_of(record.dialect, provider.base_path)
    path = base + ASKS[record.dialect].path(record.model_asked, record.stream)
    try:
        return truth_of(provider, path, record.request_body, experiment.seed)
    except Malformed:
        return None
