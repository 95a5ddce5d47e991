import math

import pytest
import typer
from typer.testing import CliRunner

from llmops.chaos.cli.breaker_options import BreakerOptions, with_breaker_options
from llmops.chaos.reliability.breaker import Baseline, Settings
from llmops.chaos.reliability.trace import Reading
from llmops.errors import BadInput


def reading(*, latency: str = "total", sample: float = 1.0) -> Reading:
    options = BreakerOptions(latency=latency, error_status=[401], provider="a", sample=sample, allow_model=["gpt*"])
    return options.reading()


def test_what_is_not_given_is_not_known() -> None:
    assert BreakerOptions(baseline_quality=0.9).baseline() == Baseline(None, 0.9)


@pytest.mark.parametrize(
    ("p95_s", "quality"),
    [
        *((wrong, None) for wrong in (0.0, -1.0, math.nan, math.inf)),
        *((None, wrong) for wrong in (0.0, 1.01, math.nan, math.inf)),
    ],
)
def test_a_baseline_that_cannot_be_is_refused(p95_s: float | None, quality: float | None) -> None:
    with pytest.raises(BadInput, match="--baseline"):
        BreakerOptions(baseline_p95=p95_s, baseline_quality=quality).baseline()


def test_options_say_how_a_trace_is_read() -> None:
    found = reading(latency="ttft")
    assert (found.latency, found.error_statuses, found.provider) == ("ttft", frozenset({401}), "a")


def test_another_share_may_be_read_than_is_known_to_the_breaker() -> None:
    options = BreakerOptions(sample=0.1)
    assert (options.reading().sampler.ratio, options.reading(sample=1.0).sampler.ratio) == (0.1, 1.0)


def test_the_defaults_are_those_of_the_breaker() -> None:
    assert BreakerOptions().settings() == Settings()


def test_a_command_gets_its_options_together_and_its_own_beside_them() -> None:
    got: list[tuple[str, BreakerOptions, int]] = []
    app = typer.Typer()

    @app.command()
    @with_breaker_options
    def command(name: str, *, breaker: BreakerOptions, last: int = 3) -> None:
        got.append((name, breaker, last))

    ran = CliRunner().invoke(app, ["x", "--window", "5", "--error-status", "401", "--last", "4"])
    assert ran.exit_code == 0, ran.output
    assert got == [("x", BreakerOptions(window=5.0, error_status=[401]), 4)]
    assert CliRunner().invoke(app, ["x", "--min-samples", "0"]).exit_code == 2


def test_options_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadInput, match="--latency 'p95' is none"):
        reading(latency="p95")
    for sample in (0.0, 1.1, math.nan, math.inf):
        with pytest.raises(BadInput, match="--sample"):
            reading(sample=sample)
