"""A fault that the target's dialect cannot show would never fire: tried beforehand, on an answer that is made here.

The same pipeline as in the proxy, without a socket: a request as the load asks it, an answer as a simulated provider
says it, one fault. A fault that says that it did not apply is told with its own reason.
"""

from collections.abc import Iterator
from itertools import islice, takewhile
from random import Random
from typing import Any

import orjson

from llmops.chaos.experiments.calls import calls
from llmops.chaos.experiments.loader import Source
from llmops.chaos.experiments.schema import Experiment, Injected
from llmops.chaos.faults.base import Answers, Edits, Fault, FaultContext, Remembers, Request
from llmops.chaos.load.asks import ASKS, prefix_of
from llmops.chaos.providers.answering.reply import reply_to
from llmops.chaos.providers.base import providers
from llmops.chaos.providers.shapes.anthropic_messages import AnthropicMessages
from llmops.chaos.providers.shapes.base import Answer, Shape
from llmops.chaos.providers.shapes.gemini_content import GeminiContent
from llmops.chaos.providers.shapes.openai_chat import OpenaiChat
from llmops.chaos.providers.shapes.openai_responses import OpenaiResponses
from llmops.chaos.proxy.injection import is_below_http, make_fault
from llmops.chaos.proxy.pipeline import NOTHING_TO_CHANGE, Exchange, Matched
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.http1 import head_bytes
from llmops.chaos.wire.parts import AnswerHead, RequestHead
from llmops.errors import LlmopsError

SPEAKS = {"openai": ("openai_chat", "openai_responses"), "anthropic": ("anthropic_messages",), "gemini": ("gemini",)}
SHAPES: dict[str, Shape] = {
    "openai_chat": OpenaiChat(),
    "openai_responses": OpenaiResponses(),
    "anthropic_messages": AnthropicMessages(),
    "gemini": GeminiContent(),
}
TRIES = 5  # answers: a fault may find nothing to change in one


def refuse_unseen(experiment: Experiment, source: Source) -> None:
    """BadInput, with the line, for the first fault that its provider's dialect cannot show."""
    for at, phase in enumerate(experiment.phases):
        for number, each in enumerate(phase.faults):
            path = ("phases", at, "faults", number)
            try:
                why = why_not_shown(each, experiment)
            except LlmopsError as error:
                raise source.refusal(str(error), *path, hint=error.hint) from error
            if why:
                message = f"{each.fault} can never be seen at {each.provider}: {why}"
                hint = "take another of `llmops chaos faults`, or let the load ask otherwise (dialect, stream, body)"
                raise source.refusal(message, *path, hint=hint)


def why_not_shown(each: Injected, experiment: Experiment) -> str:
    """Why this fault can never be seen at its provider; empty: it can, or nobody can say beforehand. BadInput."""
    fault = make_fault(each.fault, each.parameters)
    if each.provider not in experiment.providers or not _can_be_tried(each, fault, experiment):
        return ""
    dialect = dialect_at(each.provider, experiment)
    asked = experiment.model_copy(update={"load": experiment.load.model_copy(update={"dialect": dialect})})
    tries = (_tried(fault, *exchanged) for exchanged in islice(_exchanges(asked), TRIES))
    reasons = list(takewhile(lambda reason: reason is not None, tries))
    is_real = experiment.providers[each.provider].simulate is None
    if len(reasons) < TRIES or (is_real and reasons[0] == NOTHING_TO_CHANGE):
        return ""
    return str(reasons[0])


def _can_be_tried(each: Injected, fault: Fault, experiment: Experiment) -> bool:
    """Not what acts on connections or counts requests; not a request that a gateway translates in ways of its own."""
    dialect = dialect_at(each.provider, experiment)
    is_ours = dialect == experiment.load.dialect or not experiment.load.body
    in_scope = not each.scope.routes or dialect in each.scope.routes
    on_answers = isinstance(fault, Answers | Edits) and not is_below_http(fault) and not isinstance(fault, Remembers)
    return is_ours and in_scope and on_answers and dialect in SHAPES


def dialect_at(provider: str, experiment: Experiment) -> str:
    """What is spoken with a provider: the load's own dialect where it knows it, else what its gateway must say."""
    kind = experiment.providers[provider].simulate
    known = SPEAKS.get(kind or "", (experiment.load.dialect,))
    return experiment.load.dialect if experiment.load.dialect in known else known[0]


def _exchanges(experiment: Experiment) -> Iterator[tuple[Request, bytes, bytes]]:
    """Requests of the load, each with its answer and with an earlier one."""
    load = experiment.load
    provider = providers.get(next(kind for kind, spoken in SPEAKS.items() if load.dialect in spoken))()
    base = provider.base_path + prefix_of(load.dialect, provider.base_path)
    target = (base + ASKS[load.dialect].path(load.model, load.stream)).encode()
    earlier = b""
    for call in calls(experiment, [0.0] * (TRIES + 1), base_url="http://127.0.0.1", run="plan"):
        answer = _answer(load.dialect, call.body, experiment)
        if earlier:
            yield _request(target, call.body), answer, earlier
        earlier = answer


def _request(target: bytes, body: bytes) -> Request:
    dialect = dialect_of(b"POST", target)
    headers = ((b"accept-encoding", b"gzip"),)
    head = RequestHead(b"POST", target, headers, b"POST " + target + b" HTTP/1.1\r\naccept-encoding: gzip\r\n\r\n")
    return Request(head, body, dialect, dialect.asked(target, body) if dialect else None)


def _answer(dialect: str, body: bytes, experiment: Experiment) -> bytes:
    load = experiment.load
    method = "streamGenerateContent" if load.stream else "generateContent"
    shape = SHAPES[dialect]
    ask = shape.ask(orjson.loads(body), {"model": load.model, "method": method}, {"alt": "sse"})
    answer = Answer(f"{0:024x}", 0, ask, [reply_to(ask, experiment.seed)])
    return b"".join(said.data for said in shape.events(answer)) if load.stream else orjson.dumps(shape.whole(answer))


def _tried(fault: Fault, request: Request, answer: bytes, earlier: bytes) -> str | None:
    """The reason that it gave for not being applied; None: it was."""
    receipts: list[dict[str, Any]] = []
    context = FaultContext(request, Random(0), [earlier], clock=lambda: 0.0)
    exchange = Exchange(
        request, [Matched("it", fault, context)], lambda _, said: receipts.append(said), keep_alive=True
    )
    begun = exchange.begin()
    if begun is not None:
        list(begun)
    else:
        _feed(exchange, answer, stream=bool(request.asked and request.asked.stream))
    if any(said.get("applied", True) for said in receipts):
        return None
    return str(next((said["reason"] for said in receipts if said.get("reason")), "it changed nothing"))


def _feed(exchange: Exchange, answer: bytes, *, stream: bool) -> None:
    framing = (b"transfer-encoding", b"chunked") if stream else (b"content-length", b"%d" % len(answer))
    kind = b"text/event-stream" if stream else b"application/json"
    head = AnswerHead(200, b"OK", ((b"content-type", kind), framing))
    list(exchange.head(AnswerHead(200, b"OK", head.headers, head_bytes(head))))
    if not exchange.over:
        list(exchange.data(answer))
    if not exchange.over:
        list(exchange.end())
