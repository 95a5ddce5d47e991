"""The options of a breaker, which `chaos replay` and `chaos watch` share."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.errors import BadInput

if TYPE_CHECKING:
    from llmops.chaos.reliability.breaker import Baseline
    from llmops.chaos.reliability.trace import Reading

WindowOption = Annotated[float, typer.Option("--window", metavar="SECONDS", help="What is judged: so long back.")]
MinSamplesOption = Annotated[
    int, typer.Option("--min-samples", min=1, help="Requests in the window before errors or latency are judged.")
]
MinQualitiesOption = Annotated[
    int, typer.Option("--min-qualities", min=1, help="Judged answers in the window before quality is.")
]
ErrorRatioOption = Annotated[float, typer.Option("--error-ratio", help="It opens when this share of requests failed.")]
LatencyFactorOption = Annotated[
    float, typer.Option("--latency-factor", help="It opens when P95 is over so many times the baseline.")
]
QualityFactorOption = Annotated[
    float, typer.Option("--quality-factor", help="It opens when quality is surely under this share of the baseline.")
]
CoolDownOption = Annotated[
    float, typer.Option("--cool-down", metavar="SECONDS", help="How long it is open before it is half open.")
]
ProbesOption = Annotated[int, typer.Option("--probes", min=1, help="Requests judged while it is half open.")]
BaselineP95Option = Annotated[
    float | None, typer.Option("--baseline-p95", metavar="SECONDS", help="The normal P95; else it is learned.")
]
BaselineQualityOption = Annotated[
    float | None, typer.Option("--baseline-quality", metavar="RATIO", help="The normal quality; else it is learned.")
]
BaselineWindowOption = Annotated[
    float, typer.Option("--baseline-window", metavar="SECONDS", help="How long a healthy stretch the baseline needs.")
]
LatencyOption = Annotated[
    str, typer.Option("--latency", metavar="total|ttft", help="Which latency of a wire record is judged.")
]
ErrorStatusOption = Annotated[
    list[int] | None,
    typer.Option("--error-status", help="Count this status as the provider's error too, such as 401; repeat for more."),
]
ProviderOption = Annotated[str | None, typer.Option("--provider", help="Only requests to this provider.")]
SampleOption = Annotated[
    float, typer.Option("--sample", metavar="RATIO", help="The share of answers whose quality is looked at.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Of the dice that choose the sample.")]
AllowModelOption = Annotated[
    list[str] | None,
    typer.Option("--allow-model", metavar="PATTERN", help="A model that may answer, such as gpt-4o*; repeat for more."),
]


def baseline_of(p95_s: float | None, quality: float | None) -> "Baseline":
    """BadInput for what cannot be normal."""
    from llmops.chaos.reliability.breaker import Baseline

    if p95_s is not None and not 0 < p95_s < math.inf:
        raise BadInput(f"--baseline-p95 {p95_s:g} is no latency", hint="give seconds above 0")
    if quality is not None and not 0 < quality <= 1:
        raise BadInput(f"--baseline-quality {quality:g} is no quality", hint="give a ratio above 0 and at most 1")
    return Baseline(p95_s, quality)


def reading_of(
    *,
    latency: str,
    error_status: Sequence[int] | None,
    provider: str | None,
    sample: float,
    seed: int,
    allow_model: Sequence[str] | None,
) -> "Reading":
    """How wire records become requests of a trace. BadInput."""
    from llmops.chaos.reliability.check import chosen_validators
    from llmops.chaos.reliability.quality import Sampler
    from llmops.chaos.reliability.trace import Reading
    from llmops.chaos.reliability.validators.model import Model

    if latency not in {"total", "ttft"}:
        raise BadInput(f"--latency {latency!r} is none", hint="total, or ttft: that of the first visible token")
    if not 0 < sample <= 1:
        raise BadInput(f"--sample {sample:g} is no share", hint="give a ratio above 0 and at most 1")
    validators = chosen_validators(model=Model(tuple(allow_model or ())))
    return Reading(Sampler(sample, seed, validators), latency, frozenset(error_status or ()), provider)
