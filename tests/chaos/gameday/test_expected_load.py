from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from llmops.chaos.experiments import known
from llmops.chaos.experiments.plan import Step, plan_of
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.gameday.expected_load import expected_load
from llmops.chaos.gameday.presets import preset

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def planned(**load: Any) -> tuple[Experiment, tuple[Step, ...]]:
    found = preset("openrouter-2026-02-17-fake401")
    changed = found.experiment.model_copy(
        update={
            "system": known.instead(found.experiment.system, "gateway"),
            "load": found.experiment.load.model_copy(update=load),
        }
    )
    return changed, plan_of(changed, found.source, speed=60).steps


def test_requests_are_those_of_every_step_and_repetition() -> None:
    experiment, steps = planned()
    once = expected_load(experiment, steps, None, NOW)
    assert once.requests == sum(step.requests for step in steps) == 48 + 64 + 192 + 48 + 48  # 8, 24 and 6 s at 8
    assert once.input_tokens == once.requests * 50
    twice = expected_load(experiment.model_copy(update={"repetitions": 2}), steps, None, NOW)
    assert twice.requests == 2 * once.requests
    assert once.usd is None, "without prices nothing is priced"


def test_answers_are_as_long_as_the_simulated_provider_makes_them_or_as_they_may_be() -> None:
    free, limited = (expected_load(*planned(**load), None, NOW) for load in ({}, {"max_tokens": 10}))
    assert free.output_tokens is not None
    assert limited.output_tokens == 10 * limited.requests
    assert free.output_tokens > limited.output_tokens


def test_one_request_is_priced_and_not_their_sum() -> None:
    asked: list[dict[str, Any]] = []

    def price_of(**given: Any) -> Decimal:
        asked.append(given)
        return Decimal("0.001")

    experiment, steps = planned(max_tokens=10)
    found = expected_load(experiment, steps, price_of, NOW)
    assert found.usd == found.requests * Decimal("0.001")
    (one,) = asked
    assert (one["model"], one["provider"]) == ("gpt-4o", "primary")
    assert (one["input_uncached_tokens"], one["output_tokens"]) == (50, 10)


def test_of_a_real_provider_nobody_knows_how_long_its_answers_are() -> None:
    experiment, steps = planned()
    real = experiment.providers["backup"].model_copy(update={"simulate": None, "upstream": "https://api.openai.com"})
    mixed = experiment.model_copy(update={"providers": {**experiment.providers, "backup": real}})
    found = expected_load(mixed, steps, lambda **_: Decimal(1), NOW)
    assert (found.output_tokens, found.usd) == (None, None)
