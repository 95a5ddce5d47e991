"""What the load of a plan asks for when every request is answered once: requests, tokens, and their price."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from llmops.chaos.experiments.calls import PROVIDER_OF, calls
from llmops.chaos.experiments.plan import Step
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.load.asks import ASKS, prefix_of
from llmops.chaos.providers.answering.tokens import token_count
from llmops.chaos.providers.base import providers
from llmops.chaos.providers.serving.desk import truth_of
from llmops.ports import PriceOf

SAMPLE = 50  # requests that are made to see how long their answers are


@dataclass(frozen=True)
class ExpectedLoad:
    """None is not known: of a real provider nobody knows how long its answers are."""

    requests: int
    input_tokens: int  # about
    output_tokens: int | None
    usd: Decimal | None  # by the catalogue's prices of the preferred provider


def expected_load(
    experiment: Experiment, steps: tuple[Step, ...], price_of: PriceOf | None, at: datetime
) -> ExpectedLoad:
    """Of all repetitions. Answers of simulated providers are known beforehand."""
    requests = sum(step.requests for step in steps) * experiment.repetitions
    inputs = requests * experiment.load.input_tokens
    each = _answer_tokens(experiment)
    outputs = None if each is None else round(requests * each)
    usd = None if price_of is None or each is None else _usd(experiment, round(each), price_of, at)
    return ExpectedLoad(requests, inputs, outputs, None if usd is None else requests * usd)


def _answer_tokens(experiment: Experiment) -> float | None:
    """The mean of a sample of what the load really asks; None where a provider is real."""
    load = experiment.load
    if any(each.simulate is None for each in experiment.providers.values()):
        return None
    provider = providers.get(PROVIDER_OF.get(load.dialect, "openai"))()
    base = provider.base_path + prefix_of(load.dialect, provider.base_path)
    path = base + ASKS[load.dialect].path(load.model, load.stream)
    asked = calls(experiment, [0.0] * SAMPLE, base_url="http://127.0.0.1", run="plan")
    answers = [truth_of(provider, path, call.body, experiment.seed) for call in asked]
    known = [token_count(each) for each in answers if each is not None]
    if not known:
        return None
    limit = load.max_tokens or max(known)
    return sum(min(limit, each) for each in known) / len(known)


def _usd(experiment: Experiment, output_tokens: int, price_of: PriceOf, at: datetime) -> Decimal | None:
    """Of one request: prices may rise with the length of its prompt."""
    name, provider = next(iter(experiment.providers.items()))
    return price_of(
        provider=name,
        model=provider.models[0],
        at=at,
        input_uncached_tokens=experiment.load.input_tokens,
        cache_read_tokens=0,
        cache_write_tokens=0,
        output_tokens=output_tokens,
    )
