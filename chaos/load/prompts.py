"""What a load asks: of a mix of models, for a mix of tenants, each request marked so that it can be followed."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from llmops.chaos.load.arrivals import replay
from llmops.chaos.load.asks import ASKS, Prompt, marked, prefix_of
from llmops.chaos.load.plan import PlannedCall
from llmops.errors import BadInput
from llmops.ports import Arrivals
from llmops.randomness import stream

TASK = "Write a short report on these words:"
COMMON = (  # one token each in the usual tokenisers [unverified]
    "time year people way day man thing woman life child world school state family student group country problem hand "
    "part place case week company system program question work government number night point home water room mother "
    "area money story fact month lot right study book eye job word business issue side kind head house service friend "
    "father power hour game line end member law car city community name"
)
WORDS = COMMON.split()


@dataclass(frozen=True, slots=True)
class Due:
    """A request that is due; what is None is drawn from the mix."""

    at_s: float
    model: str | None = None
    tenant: str | None = None
    input_tokens: int | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, kw_only=True)
class Mix:
    """Of whom, for whom and how long: names to weights."""

    dialect: str = "openai_chat"
    models: Mapping[str, float]
    tenants: Mapping[str, float] = field(default_factory=dict)
    tenant_header: str = "x-tenant"
    stream: bool = True
    input_tokens: int = 50  # of a prompt that is made here, about
    max_tokens: int | None = None
    prompts: Sequence[Prompt] = ()  # used in turn; none: each is made of other words, so that no cache knows it

    def __post_init__(self) -> None:
        for name, weight in (*self.models.items(), *self.tenants.items()):
            if not 0 <= weight < float("inf"):
                raise BadInput(f"{name!r} cannot have the weight {weight}", hint="a number, such as 0.2")
        for names in filter(None, (self.models, self.tenants)):
            if not sum(names.values()):
                raise BadInput("the weights add up to nothing", hint="give one of them a weight above 0")
        for prompt in self.prompts:
            marked({}, prompt, self.dialect, "")  # before anything is sent


def planned_calls(due: Iterable[Due], mix: Mix, *, base_url: str, run: str, seed: int) -> Iterator[PlannedCall]:
    """A call for each request that is due. `run` makes its ids unlike those of any other run."""
    asks, draw = ASKS[mix.dialect], _Draw(mix, seed)
    prefix = prefix_of(mix.dialect, urlsplit(base_url).path.rstrip("/"))
    for number, one in enumerate(due, start=1):
        request_id = f"{run}-{number}"
        model, tenant = one.model or draw.model(), one.tenant or draw.tenant()
        body = asks.body(model, mix.stream, one.max_tokens or mix.max_tokens)
        said = mix.prompts[(number - 1) % len(mix.prompts)] if mix.prompts else draw.text(one.input_tokens)
        yield PlannedCall(
            at_s=one.at_s,
            request_id=request_id,
            dialect=mix.dialect,
            path=prefix + asks.path(model, mix.stream),
            model=model,
            stream=mix.stream,
            tenant=tenant,
            headers=((mix.tenant_header, tenant),) if tenant else (),
            body=json.dumps(marked(body, said, mix.dialect, f"[llmops:{request_id}]")).encode(),
        )


def replayed(arrivals: Arrivals, *, speed: float, mix: Mix) -> Iterator[Due]:
    """The requests of a log again; models and tenants are its own where the mix names none. BadInput."""
    nameless = sum(model is None for model in arrivals.models)
    if nameless and not mix.models:
        raise BadInput(f"{nameless:,} requests of the log name no model", hint="give --model")
    return _replayed(arrivals, speed=speed, mix=mix)


def _replayed(arrivals: Arrivals, *, speed: float, mix: Mix) -> Iterator[Due]:
    moments = replay(arrivals.at_s, speed=speed)
    columns = (arrivals.models, arrivals.tenants, arrivals.input_tokens, arrivals.output_tokens)
    for at_s, model, tenant, inputs, outputs in zip(moments, *columns, strict=True):
        yield Due(
            at_s=at_s,
            model=None if mix.models else model,
            tenant=None if mix.tenants else tenant,
            input_tokens=inputs or None,
            max_tokens=mix.max_tokens or outputs or None,
        )


class _Draw:
    """The dice of a mix, a stream for each thing, so that one moves no other."""

    def __init__(self, mix: Mix, seed: int) -> None:
        self._mix = mix
        self._models, self._tenants, self._words = (
            stream(seed, f"load {what}") for what in ("models", "tenants", "words")
        )

    def model(self) -> str:
        found = _weighted(self._mix.models, self._models)
        if found is None:
            raise BadInput("no model is named", hint="give --model")
        return found

    def tenant(self) -> str | None:
        return _weighted(self._mix.tenants, self._tenants)

    def text(self, tokens: int | None) -> str:
        wanted = self._mix.input_tokens if tokens is None else tokens
        return " ".join([TASK, *self._words.choices(WORDS, k=max(1, wanted - len(TASK.split())))])


def _weighted(weights: Mapping[str, float], dice: Random) -> str | None:
    if len(weights) < 2:  # noqa: PLR2004 - nothing to choose from
        return next(iter(weights), None)
    return dice.choices(list(weights), list(weights.values()))[0]


def read_prompts(path: Path) -> list[Prompt]:
    """Prompts from a file of JSON lines: a string each, or an object with parts of the body. BadInput."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}", hint="a UTF-8 file of JSON lines") from error
    prompts = [_prompt(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1) if line.strip()]
    if not prompts:
        raise BadInput(f"{path} holds no prompt", hint='a line each, such as "What is the capital of France?"')
    return prompts


def _prompt(line: str, where: str) -> Prompt:
    try:
        prompt = json.loads(line)
    except ValueError as error:
        raise BadInput(f"{where} is no JSON", hint='write a string such as "Hello", or an object') from error
    if not isinstance(prompt, str | dict) or not prompt:
        raise BadInput(f"{where} is neither a string nor an object", hint='such as "Hello", or {"messages": [...]}')
    return prompt
