"""How long a wait feels."""

import math

import pytest

from llmops.chaos.load.perception import bands, reading_source, reading_tokens_per_second, schemes
from llmops.errors import UnknownName


@pytest.mark.parametrize(
    ("wait_s", "band"),
    [
        (0.0, "instantaneous"),
        (0.0999, "instantaneous"),
        (0.1, "noticeable, flow intact"),
        (0.4, "noticeable, flow intact"),
        (1.0, "noticeable, flow intact"),
        (1.0001, "actively waiting"),
        (2.5, "actively waiting"),
        (10.0, "actively waiting"),
        (10.001, "disengaged"),
    ],
)
def test_a_wait_falls_into_one_band(wait_s: float, band: str) -> None:
    assert bands("perception").of(wait_s) == band


@pytest.mark.parametrize(("wait_s", "band"), [(0.999, "instant"), (1.0, "fast"), (3.0, "fast"), (3.001, "slow")])
def test_the_other_scheme_judges_the_same_waits_otherwise(wait_s: float, band: str) -> None:
    assert bands("slo").of(wait_s) == band


def test_schemes_have_their_sources_and_a_typo_its_answer() -> None:
    assert schemes() == ["perception", "slo"]
    assert all(bands(name).source and bands(name).label for name in schemes())
    with pytest.raises(UnknownName) as caught:
        bands("perceptions")
    assert caught.value.hint == "did you mean 'perception'?"


@pytest.mark.parametrize("wrong", [-0.1, math.nan])
def test_a_wait_that_cannot_be_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        bands("perception").of(wrong)


def test_people_read_five_tokens_a_second() -> None:
    assert reading_tokens_per_second() == pytest.approx(238 / 60 / 0.75, abs=0.01)
    assert "unverified" in reading_source()
