"""The options of a breaker and of what it looks at, which `chaos replay` and `chaos watch` share."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmops.errors import BadInput

if TYPE_CHECKING:
    from llmops.chaos.reliability.breaker import Baseline, Settings
    from llmops.chaos.reliability.trace import Reading

AllowModelOption = Annotated[
    list[str] | None,
    typer.Option("--allow-model", metavar="PATTERN", help="A model that may answer, such as gpt-4o*; repeat for more."),
]


@dataclass(frozen=True)
class BreakerOptions:
    """Each field is an option, with its default."""

    window: Annotated[float, typer.Option("--window", metavar="SECONDS", help="What is judged: so long back.")] = 60.0
    min_samples: Annotated[
        int, typer.Option("--min-samples", min=1, help="Requests in the window before errors or latency are judged.")
    ] = 20
    min_qualities: Annotated[
        int, typer.Option("--min-qualities", min=1, help="Judged answers in the window before quality is.")
    ] = 50
    error_ratio: Annotated[
        float, typer.Option("--error-ratio", help="It opens when this share of requests failed.")
    ] = 0.5
    latency_factor: Annotated[
        float, typer.Option("--latency-factor", help="It opens when P95 is over so many times the baseline.")
    ] = 3.0
    quality_factor: Annotated[
        float,
        typer.Option("--quality-factor", help="It opens when quality is surely under this share of the baseline."),
    ] = 0.85
    cool_down: Annotated[
        float, typer.Option("--cool-down", metavar="SECONDS", help="How long it is open before it is half open.")
    ] = 30.0
    probes: Annotated[int, typer.Option("--probes", min=1, help="Requests judged while it is half open.")] = 5
    baseline_p95: Annotated[
        float | None, typer.Option("--baseline-p95", metavar="SECONDS", help="The normal P95; else it is learned.")
    ] = None
    baseline_quality: Annotated[
        float | None,
        typer.Option("--baseline-quality", metavar="RATIO", help="The normal quality; else it is learned."),
    ] = None
    baseline_window: Annotated[
        float,
        typer.Option("--baseline-window", metavar="SECONDS", help="How long a healthy stretch the baseline needs."),
    ] = 60.0
    latency: Annotated[
        str, typer.Option("--latency", metavar="total|ttft", help="Which latency of a wire record is judged.")
    ] = "total"
    error_status: Annotated[
        list[int] | None,
        typer.Option(
            "--error-status", help="Count this status as the provider's error too, such as 401; repeat for more."
        ),
    ] = None
    provider: Annotated[str | None, typer.Option("--provider", help="Only requests to this provider.")] = None
    sample: Annotated[
        float, typer.Option("--sample", metavar="RATIO", help="The share of answers whose quality is looked at.")
    ] = 1.0
    seed: Annotated[int, typer.Option("--seed", help="Of the dice that choose the sample.")] = 0
    allow_model: AllowModelOption = None

    def settings(self) -> "Settings":
        """When it opens and closes. BadInput."""
        from llmops.chaos.reliability.breaker import Settings

        return Settings(
            window_s=self.window,
            min_samples=self.min_samples,
            min_qualities=self.min_qualities,
            error_ratio=self.error_ratio,
            latency_factor=self.latency_factor,
            quality_factor=self.quality_factor,
            cool_down_s=self.cool_down,
            probes=self.probes,
            baseline_s=self.baseline_window,
        )

    def baseline(self) -> "Baseline":
        """BadInput for what cannot be normal."""
        from llmops.chaos.reliability.breaker import Baseline

        p95_s, quality = self.baseline_p95, self.baseline_quality
        if p95_s is not None and not 0 < p95_s < math.inf:
            raise BadInput(f"--baseline-p95 {p95_s:g} is no latency", hint="give seconds above 0")
        if quality is not None and not 0 < quality <= 1:
            raise BadInput(f"--baseline-quality {quality:g} is no quality", hint="give a ratio above 0 and at most 1")
        return Baseline(p95_s, quality)

    def reading(self, *, sample: float | None = None) -> "Reading":
        """How wire records become requests of a trace; of another share of the answers where one is given. BadInput."""
        from llmops.chaos.reliability.check import chosen_validators
        from llmops.chaos.reliability.quality import Sampler
        from llmops.chaos.reliability.trace import Reading
        from llmops.chaos.reliability.validators.model import Model

        if self.latency not in {"total", "ttft"}:
            raise BadInput(
                f"--latency {self.latency!r} is none", hint="total, or ttft: that of the first visible token"
            )
        if not 0 < self.sample <= 1:
            raise BadInput(f"--sample {self.sample:g} is no share", hint="give a ratio above 0 and at most 1")
        validators = chosen_validators(model=Model(tuple(self.allow_model or ())))
        sampler = Sampler(self.sample if sample is None else sample, self.seed, validators)
        return Reading(sampler, self.latency, frozenset(self.error_status or ()), self.provider)


def with_breaker_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of BreakerOptions as options, in the place of its parameter `breaker`."""
    names = [each.name for each in fields(BreakerOptions)]

    @wraps(command)
    def called(**given: Any) -> None:  # noqa: ANN401 - options of any type
        breaker = BreakerOptions(**{name: given.pop(name) for name in names})
        command(**given, breaker=breaker)

    parameters: list[inspect.Parameter] = []
    for one in inspect.signature(command).parameters.values():
        shared = inspect.signature(BreakerOptions).parameters.values() if one.name == "breaker" else [one]
        parameters += (each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in shared)
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what typer reads
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called
