"""The settings of a simulated provider by the words that experiments use, in one row."""

from collections.abc import Sequence

from llmops.chaos.providers.serving.desk import Settings
from llmops.chaos.providers.serving.limiting import Limits
from llmops.chaos.providers.serving.pacing import Delay, Pacing
from llmops.errors import BadInput

USUAL = Limits()


def provider_settings(  # noqa: PLR0913 - each is given by name
    *,
    seed: int = 0,
    models: Sequence[str] = (),
    ttft_s: float = 0.0,
    ttft_p95_s: float | None = None,
    itl_s: float = 0.0,
    itl_p95_s: float | None = None,
    requests_per_minute: int | None = USUAL.requests_per_minute,
    tokens_per_minute: int | None = USUAL.tokens_per_minute,
    requests_per_day: int | None = USUAL.requests_per_day,
    refuse_prefill: bool = False,
) -> Settings:
    """It answers at once, whatever model is named, unless told otherwise. BadInput for what cannot be."""
    if isinstance(models, str):
        raise BadInput(f"models is {models!r}, and is a list", hint=f'["{models}"]')
    return Settings(
        seed=seed,
        models=tuple(models),
        limits=Limits(requests_per_minute, tokens_per_minute, requests_per_day),
        pacing=Pacing(Delay(ttft_s, ttft_p95_s), Delay(itl_s, itl_p95_s)),
        refuse_prefill=refuse_prefill,
    )
