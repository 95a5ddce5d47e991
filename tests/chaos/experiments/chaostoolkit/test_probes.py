"""Probes at a real proxy: what faults hit, who was asked, what callers got."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.actions import clear, inject, send_load
from llmops.chaos.experiments.chaostoolkit.drill import drill_at
from llmops.chaos.experiments.chaostoolkit.exporting import exported
from llmops.chaos.experiments.chaostoolkit.probes import (
    faults_on,
    latency_s,
    provider_attempts,
    receipts,
    success_ratio,
)
from llmops.chaos.experiments.driver import ProxyFailed
from llmops.errors import NoData

pytestmark = pytest.mark.xdist_group("standing proxy")


@pytest.fixture
def drill(tiny: Callable[..., Any]) -> dict[str, Any]:
    found: dict[str, Any] = exported(*tiny())["configuration"]["llmops_drill"]
    return found


def test_what_a_fault_hit_is_counted_while_it_is_on(standing: Any, drill: dict[str, Any]) -> None:
    inject(standing.control, "primary", "unavailable", schedule={"every": 2})
    assert (receipts(standing.control, "primary", "unavailable"), faults_on(standing.control)) == (0, 1)
    send_load(standing.control, standing.system, drill, "broken", requests=20)
    assert receipts(standing.control, "primary", "unavailable") == 10
    clear(standing.control, "primary", "unavailable")
    assert faults_on(standing.control) == 0
    with pytest.raises(ProxyFailed, match="toxic not found"):
        receipts(standing.control, "primary", "unavailable")


def test_attempts_are_those_of_this_drill_at_one_provider(standing: Any, drill: dict[str, Any]) -> None:
    send_load(standing.control, standing.system, drill, "before", requests=7)
    journal = str(standing.journal)
    assert provider_attempts(standing.control, journal, "primary") == 7
    inject(standing.control, "primary", "unavailable")
    send_load(standing.control, standing.system, drill, "broken", requests=5)
    assert provider_attempts(standing.control, journal, "primary") == 12
    assert provider_attempts(standing.control, journal, "backup") == 5


def test_what_callers_got_is_told_by_phase(standing: Any, drill: dict[str, Any]) -> None:
    send_load(standing.control, standing.system, drill, "well", requests=10)
    assert success_ratio(standing.control, "well") == 1.0
    inject(standing.control, "primary", "clean_end_mid_answer")
    send_load(standing.control, standing.system, drill, "cut", requests=10)
    assert success_ratio(standing.control, "cut") == 0.0
    requests = [each for each in drill_at(standing.control).left.requests if each.phase == "well"]
    slowest = max(each.ended_at - each.scheduled_at for each in requests if each.ended_at is not None)
    assert latency_s(standing.control, "well", percentile=100) == pytest.approx(slowest)
    first = latency_s(standing.control, "well", "ttft")
    assert first is not None
    assert 0 < first <= slowest


def test_nothing_sent_is_no_data_and_no_answer_no_latency(standing: Any, drill: dict[str, Any]) -> None:
    with pytest.raises(NoData, match="nothing was sent in a phase 'x'"):
        success_ratio(standing.control, "x")
    send_load(standing.control, "http://127.0.0.1:9/v1", drill, "nobody", requests=3)
    assert success_ratio(standing.control, "nobody") == 0.0
    assert latency_s(standing.control, "nobody", "ttft") is None
