"""Whether a planned fault could ever hit a request of the load: one that could not is refused, with what to change."""

from collections.abc import Iterator
from dataclasses import replace

from llmops.chaos.experiments.calls import calls
from llmops.chaos.experiments.evidence import Injection
from llmops.chaos.experiments.firing import schedule_hits
from llmops.chaos.experiments.schema import Experiment, Injected, Load, Provider
from llmops.chaos.faults.base import Answers, Edits, Fault, FaultContext, Request, faults
from llmops.chaos.load.asks import ASKS, marked
from llmops.chaos.proxy.schedule import Schedule, matches
from llmops.chaos.wire.dialects import DIALECTS
from llmops.chaos.wire.parts import AnswerHead, RequestHead
from llmops.errors import BadInput, nearest_hint
from llmops.randomness import stream

LEAST_HITS = 0.05  # on the mean: then one is hit in less than 5 % of runs
ADDED_BYTES = 8192  # what a gateway may add to a request: headers, a system prompt
SIZED_REQUESTS = 100  # of the load, by which its sizes are known
ENDS = (
    "/chat/completions", "/responses", "/messages", ":generateContent", ":streamGenerateContent", "/embeddings",
    "/invoke", "/invoke-with-response-stream", "/converse", "/converse-stream",
)  # fmt: skip
"""How paths of inference end, behind any prefix."""
SPOKEN = {"anthropic": ("anthropic_messages",), "gemini": ("gemini",), "openai": ("openai_chat", "openai_responses")}
"""In which dialects a simulated provider gives text."""
EARLIER = (
    b'{"choices": [{"message": {"role": "assistant", "content": "x"}}]}',
    b'{"output": [{"type": "message", "content": [{"type": "output_text", "text": "x"}]}]}',
    b'{"type": "message", "role": "assistant", "content": [{"type": "text", "text": "x"}]}',
    b'{"candidates": [{"content": {"parts": [{"text": "x"}]}}]}',
)
"""Answers that may be there from before, of each dialect that a load speaks."""


def require_can_fire(  # noqa: PLR0913 - each is given by name
    each: Injected, fault: Fault, schedule: Schedule, experiment: Experiment, *, requests: int, duration_s: float
) -> None:
    """BadInput for a fault that would never hit one of so many requests in so many seconds."""
    load, provider = experiment.load, experiment.providers[each.provider]
    _check_schedule(schedule, requests, duration_s)
    _check_routes(each)
    _check_stream(each, load)
    _check_tenants(each, load)
    _check_models(each, load, provider)
    _check_sizes(each, experiment)
    _check_answers(each, fault, experiment)


def hides(earlier: Injection, later: Injection) -> bool:
    """Whether the earlier one answers all that the later one would answer: the proxy asks them in their order."""
    schedule, scope = earlier.schedule, earlier.scope
    whole = schedule.is_always and schedule.after_s == 0 and schedule.until_s is None
    everybody = replace(scope, routes=()).is_all and set(scope.routes) >= set(DIALECTS)
    same = earlier.provider == later.provider and (everybody or scope == later.scope)
    return whole and same and _answers_always(earlier.fault) and hasattr(faults.get(later.fault), "answer")


def _answers_always(fault: str) -> bool:
    kind = faults.get(fault)
    return hasattr(kind, "answer") and not hasattr(kind, "stage")  # one that edits too lets some requests pass


def _check_schedule(schedule: Schedule, requests: int, duration_s: float) -> None:
    if schedule.after_s >= duration_s:
        raise BadInput(
            f"it begins after {schedule.after_s:g} s, and the phase ends after {duration_s:g} s",
            hint="it would never fire",
        )
    if schedule.every is not None and schedule.every > requests:
        raise BadInput(
            f"one of every {schedule.every} requests is hit, and the phase has {requests}", hint="it would never fire"
        )
    if schedule.probability == 0 and not schedule.ramp:
        raise BadInput("a probability of 0 never fires", hint="a phase without faults (`faults: []`) is a placebo")
    hits = schedule_hits(schedule, requests, duration_s)
    if requests and hits is not None and hits < LEAST_HITS:
        message = f"of the {requests} requests of the phase it would hit {hits:.2g} on the mean"
        raise BadInput(message, hint="raise its probability, or the number of requests")


def _check_routes(each: Injected) -> None:
    routes = each.scope.routes
    if routes and not any(route in DIALECTS or any(may_end(route, end) for end in ENDS) for route in routes):
        hint = f"a dialect ({', '.join(DIALECTS)}), or a path such as /v1/chat/*"
        raise BadInput(f"{', '.join(routes)} is no route of inference: only probes would meet it", hint=hint)


def may_end(pattern: str, end: str) -> bool:
    """Whether some text that ends so is matched by a pattern of the shell."""
    if not end or "[" in pattern or "]" in pattern:  # sets of characters: who knows
        return True
    if not pattern:
        return False
    last = pattern[-1]
    if last == "*":
        return may_end(pattern[:-1], end) or may_end(pattern, end[:-1])
    return last in {"?", end[-1]} and may_end(pattern[:-1], end[:-1])


def _check_stream(each: Injected, load: Load) -> None:
    if each.scope.stream is not None and each.scope.stream is not load.stream:
        asked = "streamed" if load.stream else "not streamed"
        word = str(each.scope.stream).lower()
        raise BadInput(f"`stream: {word}` never fires: the load's answers are {asked}", hint="leave it out")


def _check_tenants(each: Injected, load: Load) -> None:
    drawn = [name for name, weight in load.tenants.items() if weight]
    for tenant in each.scope.tenants:
        if not any(matches(known, (tenant,)) for known in drawn):
            raise BadInput(f"the load has no tenant {tenant!r}", hint=nearest_hint(tenant, drawn))


def _check_models(each: Injected, load: Load, provider: Provider) -> None:
    """A provider that has the load's model is asked for it; of another the system may make any."""
    models = each.scope.models
    if models and load.model in provider.models and not matches(load.model, models):
        message = f"the load asks for {load.model!r}, and the scope is for {', '.join(models)} only"
        raise BadInput(message, hint=f"add {load.model}, or leave `models` out")


def _check_sizes(each: Injected, experiment: Experiment) -> None:
    low, high = each.scope.min_request_bytes, each.scope.max_request_bytes
    if low is None and high is None:
        return
    some = calls(experiment, [0.0] * SIZED_REQUESTS, base_url="http://127.0.0.1/v1", run="sizes")
    sizes = [len(call.body) for call in some]
    largest, smallest = max(sizes) + ADDED_BYTES, min(sizes) // 2
    if low is not None and low > largest:
        message = f"min_request_bytes is {low}, and the load's requests have {max(sizes)} bytes at most"
        raise BadInput(message, hint=f"at most {largest}, or more `load.input_tokens`")
    if high is not None and high < smallest:
        message = f"max_request_bytes is {high}, and the load's requests have {min(sizes)} bytes at least"
        raise BadInput(message, hint=f"at least {smallest}, or fewer `load.input_tokens`")


def _check_answers(each: Injected, fault: Fault, experiment: Experiment) -> None:
    """Shown the head of a good answer in each dialect that the provider may be asked in, it must not turn away."""
    if isinstance(fault, Answers) or not isinstance(fault, Edits):
        return
    load = experiment.load
    if fault.reads == "body" and load.stream:
        raise BadInput(f"{each.fault} changes whole answers, and the load's are streamed", hint="load.stream: false")
    reasons = [_turned_away(fault, dialect, load) for dialect in _dialects(each, experiment)]
    if all(reasons):
        hint = "load.stream: true" if reasons[0] == "the answer is no stream" else "`llmops chaos faults` lists others"
        raise BadInput(f"{each.fault} would never fire: {reasons[0]}", hint=hint)


def _dialects(each: Injected, experiment: Experiment) -> Iterator[str]:
    simulated = experiment.providers[each.provider].simulate
    yield from SPOKEN.get(simulated or "", tuple(ASKS))
    if "openai_embeddings" in each.scope.routes:
        yield "openai_embeddings"


def _turned_away(fault: Edits, dialect: str, load: Load) -> str:
    """Why it does not apply to answers of this dialect; empty: it may."""
    context = FaultContext(_request(dialect, load), stream(0, "can fire"), earlier_answers=EARLIER)
    stage = fault.stage(context)
    kind = b"text/event-stream" if load.stream and dialect != "openai_embeddings" else b"application/json"
    head = AnswerHead(200, b"OK", ((b"content-type", kind), (b"content-length", b"1000")))
    for _ in stage.feed(head):
        pass
    return context.reason_not_applied


def _request(dialect: str, load: Load) -> Request:
    import orjson

    spoken = DIALECTS[dialect]
    shape = ASKS.get(dialect)
    if shape is None:
        path, body = "/v1/embeddings", orjson.dumps({"model": load.model, "input": "x"})
    else:
        path = f"/v1{shape.path(load.model, load.stream)}"
        said = marked(shape.body(load.model, load.stream, load.max_tokens), "x", dialect, "[llmops:x]")
        body = orjson.dumps({**said, **load.body})
    headers = (b"content-type", b"application/json"), (b"accept-encoding", b"gzip")
    head = RequestHead(b"POST", path.encode(), headers)
    return Request(head, body, spoken, spoken.asked(path.encode(), body))
