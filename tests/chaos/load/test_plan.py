"""What a load sends."""

import math

import pytest

from llmops.chaos.load.plan import LoadPlan


def test_a_plan_that_cannot_be_is_refused() -> None:
    assert LoadPlan(base_url="http://h", calls=[], connections=1, deadline_s=0.001)
    with pytest.raises(ValueError, match="0 connections"):
        LoadPlan(base_url="http://h", calls=[], connections=0)
    for deadline_s in (0, -1, math.inf, math.nan):
        with pytest.raises(ValueError, match="deadline"):
            LoadPlan(base_url="http://h", calls=[], deadline_s=deadline_s)


def test_the_key_is_not_shown() -> None:
    plan = LoadPlan(base_url="http://h", calls=[], headers={"authorization": "Bearer sk-secret"})
    assert "sk-secret" not in repr(plan)
