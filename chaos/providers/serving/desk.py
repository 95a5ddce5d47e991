"""One simulated provider without its socket: from a request to the answer, its pace and its limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from llmops.chaos.limit_headers import limit_headers, limit_refusal, without_hint
from llmops.chaos.providers.answering.ask import Ask, Malformed
from llmops.chaos.providers.answering.reply import reply_to, truth
from llmops.chaos.providers.base import Provider, Route, Served
from llmops.chaos.providers.serving.limiting import KeyLimiters, Limits, admission_tokens
from llmops.chaos.providers.serving.pacing import Pacing
from llmops.chaos.providers.serving.refusals import refusal
from llmops.chaos.providers.shapes.base import Answer
from llmops.limits import Admission
from llmops.randomness import stream

REFUSED_PREFILL = (
    "This model does not support assistant message prefill. The conversation must end with a user message."
)
REQUEST_ID = {"openai": "x-request-id", "anthropic": "request-id"}


@dataclass(frozen=True)
class Settings:
    """How a simulated provider behaves."""

    seed: int = 0
    models: tuple[str, ...] = ()  # the only ones it knows; none: any name is answered
    limits: Limits = field(default_factory=Limits)
    pacing: Pacing = field(default_factory=Pacing)
    refuse_prefill: bool = False  # as newer models do


@dataclass(frozen=True)
class Asked:
    """A request, as the socket hands it over."""

    method: str
    path: Mapping[str, str]  # what stood in the variable parts of the path
    query: Mapping[str, str]
    headers: Mapping[str, str]  # case-insensitive
    body: bytes
    url: str = ""


@dataclass(frozen=True)
class Plain:
    """A complete answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Spoken:
    """An answer of the model, to be said at its pace."""

    headers: Mapping[str, str]
    answer: Answer
    route: Route


class Desk:
    """Answers requests to one provider."""

    def __init__(self, provider: Provider, settings: Settings, clock: Callable[[], float]) -> None:
        self.provider, self.settings, self._clock = provider, settings, clock
        self._limiters = KeyLimiters(settings.limits, clock)
        self._ordinal = 0

    def answer(self, route: Route | None, asked: Asked) -> Plain | Spoken:
        """What is answered to a request; no route is a 404."""
        self._ordinal += 1
        request_id = f"{stream(self.settings.seed, f'request {self._ordinal}').getrandbits(96):024x}"
        headers = self._id_header(request_id)
        try:
            return self._answer(route, asked, request_id, headers)
        except Malformed as error:
            return self._refused("bad_request", headers, message=str(error), param=error.param)
        except KeyError as error:
            return self._refused("model_not_found", headers, model=error.args[0])

    def _answer(self, route: Route | None, asked: Asked, request_id: str, headers: dict[str, str]) -> Plain | Spoken:
        if route is None:
            return self._refused("no_route", headers, message=f"Invalid URL ({asked.method} {asked.url})")
        key = self.provider.key(asked.headers, asked.query)
        if key is None:
            return self._refused("no_key", headers)
        body = _object(asked.body) if asked.method == "POST" else {}
        if route.shape is None:
            data = self.provider.data(route.kind, body, asked.path, self._served())
            return Plain(200, {"content-type": "application/json", **headers}, orjson.dumps(data))
        ask = self._checked(route.shape.ask(body, asked.path, asked.query))
        admission = self._limiters.admit(key, admission_tokens(self.provider.name, ask))
        headers |= limit_headers(self.provider.name, admission, self._clock())
        if not admission.admitted:
            return self._limited(ask, admission, headers)
        replies = [reply_to(ask, self.settings.seed, choice) for choice in range(ask.choices)]
        return Spoken(headers, Answer(request_id, int(self._clock()), ask, replies), route)

    def _checked(self, ask: Ask) -> Ask:
        if self.settings.models and ask.model not in self.settings.models:
            raise KeyError(ask.model)
        if ask.prefill and self.settings.refuse_prefill:
            raise Malformed(REFUSED_PREFILL, "messages")
        return ask

    def _limited(self, ask: Ask, admission: Admission, headers: Mapping[str, str]) -> Plain:
        kind, details = limit_refusal(self.provider.name, admission, admission_tokens(self.provider.name, ask))
        return self._refused(kind, headers, model=ask.model, **details)

    def _refused(self, kind: str, headers: Mapping[str, str], **details: object) -> Plain:
        details |= {"request_id": headers.get("request-id") or headers.get("x-request-id")}
        error = refusal(self.provider.name, kind, **details)
        if details.get("retry_after_s", 0) is None:
            error = without_hint(error)
        return Plain(error.status, {**error.headers, **headers}, error.body)

    def _served(self) -> Served:
        models = self.settings.models or self.provider.models
        return Served(models, not self.settings.models, self.settings.seed, self._clock())

    def _id_header(self, request_id: str) -> dict[str, str]:
        name = REQUEST_ID.get(self.provider.name)
        return {name: f"req_{request_id}"} if name else {}


def truth_of(provider: Provider, path: str, body: bytes, seed: int = 0) -> str | None:
    """The complete answer that a simulated provider gives to a request, for judging what a client got.

    None for a route that no model answers. The path may carry a query. Malformed where the request is.
    """
    bare, _, _ = path.partition("?")
    for route in provider.routes:
        values = _matched(route.path, bare)
        if values is not None and route.shape is not None:
            return truth(route.shape.ask(_object(body), values, {}), seed)
    return None


def _matched(pattern: str, path: str) -> dict[str, str] | None:
    """The variable parts of a path that fits a route."""
    if pattern == path:
        return {}
    head, brace, _ = pattern.partition("{model}")
    if not brace or not path.startswith(head):
        return None
    model, colon, method = path[len(head) :].partition(":")
    return {"model": model, "method": method} if bool(colon) == (":{method" in pattern) else None


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed("We could not parse the JSON body of your request.") from error
    if not isinstance(value, dict):
        raise Malformed("The body of your request is not a JSON object.")
    return value
