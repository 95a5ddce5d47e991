"""The options by which latencies are judged."""

import math
from typing import get_args

import pytest

from llmops.chaos.cli import latency
from llmops.chaos.cli.latency import judged
from llmops.chaos.load import ttft
from llmops.errors import BadInput
from llmops.ports import TimedCalls

CALLS = TimedCalls(["m"], ["r"], [None], [True], [0.4], [1.0], [5.0])
USUAL = {"slo_ttft": 0.5, "slo_tpot": 0.05, "slo_e2e": math.inf}


def test_inf_is_no_limit() -> None:
    found = judged(CALLS, by=None, **USUAL, bands="perception")
    assert (found.slo.ttft_s, found.slo.tpot_s, found.slo.e2e_s) == (0.5, 0.05, None)


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan])
def test_a_limit_that_cannot_be_is_refused(name: str, wrong: float) -> None:
    with pytest.raises(BadInput, match=name.replace("_", "-")):
        judged(CALLS, by=None, **{**USUAL, name: wrong}, bands="perception")


def test_the_dimensions_of_the_help_are_those_of_the_analysis() -> None:
    assert latency.DIMENSIONS == ttft.DIMENSIONS
    assert all(name in get_args(latency.ByOption)[1].help for name in ttft.DIMENSIONS)
