"""What the caller is given: the provider's own bytes, an honest error, or what an ill gateway makes of them."""

import json
import re
from typing import Any

from llmops.chaos.gateway.reply import Fate, Reply, problem_of, told
from llmops.chaos.gateway.routing import Question
from llmops.chaos.gateway.settings import Settings
from llmops.chaos.wire import sse

LEAST_ERROR = 400
MODEL = re.compile(rb'("model"\s*:\s*)"[^"]*"')


def passed_on(reply: Reply, fate: Fate, question: Question, settings: Settings) -> Reply:
    """The reply for the caller. What a provider said of itself stays: its request id, its kind of content."""
    if fate == "good":
        if settings.is_ill("launders") and problem_of(reply, question.dialect, None):
            reply = _as_if_whole(told(reply, question.dialect).text, question)
        if settings.is_ill("masks_model") and question.model:
            reply = Reply(reply.status, reply.headers, MODEL.sub(rb'\1"%b"' % question.model.encode(), reply.body))
        return reply
    if settings.is_ill("masks_errors") and fate != "caller":
        return _as_if_whole("The service is busy at the moment, please try again later.", question)
    if reply.status is not None and reply.status >= LEAST_ERROR:
        return reply
    error = question.dialect.error("bad_gateway", model=question.model)
    return Reply(error.status, {"content-type": "application/json", **error.headers}, error.body)


def _as_if_whole(text: str, question: Question) -> Reply:
    """These words as a whole answer, in OpenAI's chat; this is what the ill gateways of this world do."""
    base: dict[str, Any] = {"id": "chatcmpl-0", "created": 0, "model": question.model}
    if not question.stream:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        whole = {**base, "object": "chat.completion", "choices": [choice]}
        return Reply(200, {"content-type": "application/json"}, json.dumps(whole).encode())
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant", "content": text}, None), ({}, "stop")]
    chunks = [
        {**base, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        for delta, finish in deltas
    ]
    events = [*(json.dumps(chunk).encode() for chunk in chunks), b"[DONE]"]
    return Reply(200, {"content-type": "text/event-stream"}, b"".join(map(sse.event, events)))
