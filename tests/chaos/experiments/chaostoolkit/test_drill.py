"""A drill at a real proxy that runs already: faults are held by leases and seen to end, and the verdict is ours."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.actions import clear, clear_all, inject, send_load
from llmops.chaos.experiments.chaostoolkit.background import background
from llmops.chaos.experiments.chaostoolkit.drill import drill_at, release_all
from llmops.chaos.experiments.chaostoolkit.exporting import exported
from llmops.chaos.experiments.chaostoolkit.probes import failover_verdict
from llmops.chaos.experiments.driver import ProxyFailed
from llmops.errors import BadInput, NoData, OutsideFailed

pytestmark = pytest.mark.xdist_group("standing proxy")
Tiny = Callable[..., Any]


@pytest.fixture
def drill(tiny: Tiny) -> dict[str, Any]:
    found: dict[str, Any] = exported(*tiny())["configuration"]["llmops_drill"]
    return found


def test_a_fault_is_on_until_it_is_cleared(standing: Any) -> None:
    inject(standing.control, "primary", "unavailable", name="off")
    assert standing.active() == [("primary", "off")]
    clear(standing.control, "primary", "off")
    assert standing.active() == []
    clear(standing.control, "primary", "off")  # one that has ended is no matter


def test_its_lease_is_renewed_from_here_and_lapses_when_nobody_does(standing: Any) -> None:
    inject(standing.control, "primary", "unavailable", lease_s=0.6)
    time.sleep(1.5)
    assert standing.active() == [("primary", "unavailable")]
    background().run(_abandon(standing.control))
    limit = time.monotonic() + 10
    while standing.active() and time.monotonic() < limit:
        time.sleep(0.05)
    assert standing.active() == []


async def _abandon(control: str) -> None:
    """As when the process is killed."""
    for task in drill_at(control)._renewing.values():
        task.cancel()


def test_all_faults_end_whoever_began_them(standing: Any) -> None:
    inject(standing.control, "primary", "unavailable")
    inject(standing.control, "backup", "unavailable")
    release = drill_at(standing.control)
    release._renewing.clear()  # not ours any more
    clear_all(standing.control)
    assert standing.active() == []
    assert drill_at(standing.control) is not release  # that drill is over


def test_what_is_left_on_is_ended_when_drills_are_let_go(standing: Any) -> None:
    inject(standing.control, "primary", "unavailable")
    assert release_all() == []
    assert standing.active() == []


def test_a_proxy_that_refuses_is_a_failure_and_not_silence(standing: Any) -> None:
    inject(standing.control, "primary", "unavailable")
    with pytest.raises(ProxyFailed, match="toxic already exists"):
        inject(standing.control, "primary", "unavailable")
    with pytest.raises(ProxyFailed, match="proxy not found"):
        inject(standing.control, "primray", "unavailable")
    with pytest.raises(BadInput, match="no fault is named"):
        inject(standing.control, "primary", "unavailble")


def test_a_proxy_that_is_not_there_is_a_failure(standing: Any) -> None:  # noqa: ARG001 - its drills are let go
    with pytest.raises(ProxyFailed, match="did not answer"):
        inject("http://127.0.0.1:9", "primary", "unavailable")


def test_the_whole_drill_is_judged_as_our_runs_are(standing: Any, drill: dict[str, Any]) -> None:
    at, asked = standing.control, (standing.control, str(standing.journal), standing.system, drill)
    assert failover_verdict(*asked)["verdict"] == "PASS"
    inject(at, "primary", "unavailable")
    assert send_load(at, standing.system, drill, "broken", requests=40) == {"sent": 40, "whole": 40}
    clear(at, "primary", "unavailable")
    told = failover_verdict(*asked)
    assert (told["verdict"], told["outcomes"], told["on_user_requests"]) == ("PASS", {"rescued": 40}, 40)


def test_a_fault_below_http_is_seen_to_hold(standing: Any, drill: dict[str, Any]) -> None:
    at, asked = standing.control, (standing.control, str(standing.journal), standing.system, drill)
    failover_verdict(*asked)
    inject(at, "primary", "refused")
    send_load(at, standing.system, drill, "down", requests=120)
    clear(at, "primary", "refused")
    told = failover_verdict(*asked)
    assert (told["verdict"], told["outcomes"]) == ("PASS", {"rescued": 120})


@pytest.mark.parametrize("how", ["no fault", "not injected", "never cleared", "no load", "lease lost"])
def test_a_drill_that_proves_nothing_says_so(standing: Any, drill: dict[str, Any], how: str) -> None:
    at, asked = standing.control, (standing.control, str(standing.journal), standing.system, drill)
    failover_verdict(*asked)
    if how == "lease lost":
        inject(at, "primary", "unavailable", lease_s=0.3)
        standing.reset()  # somebody else ends it
        time.sleep(0.4)
    elif how == "not injected":
        with pytest.raises(BadInput):  # after which Chaos Toolkit goes on
            inject(at, "primary", "unavailble")
    elif how != "no fault":
        inject(at, "primary", "unavailable")
    if how != "no load":
        send_load(at, standing.system, {**drill, "expectations": ["hang"]}, "broken", requests=40)
    if how in {"no load", "lease lost"}:
        clear(at, "primary", "unavailable")
    with pytest.raises(NoData) as caught:
        failover_verdict(*asked)
    words = {
        "no fault": "no fault was on while load was sent",
        "not injected": "an action failed: no fault is named",
        "never cleared": "never taken off",
        "no load": "no fault was on while load was sent",
        "lease lost": "was lost",
    }
    assert words[how] in str(caught.value)


def test_a_placebo_passes_where_it_says_that_it_is_one(standing: Any, drill: dict[str, Any]) -> None:
    asked = (
        standing.control,
        str(standing.journal),
        standing.system,
        {**drill, "expectations": ["functional_success"]},
    )
    failover_verdict(*asked, placebo=True)
    send_load(standing.control, standing.system, drill, "nothing", requests=40)
    assert failover_verdict(*asked, placebo=True)["verdict"] == "PASS"


def test_an_unhealthy_system_is_said_before_anything_is_done(standing: Any, drill: dict[str, Any]) -> None:
    with pytest.raises(NoData, match="not healthy: 0 of 40"):
        failover_verdict(standing.control, str(standing.journal), "http://127.0.0.1:9/v1", drill)


def test_a_run_that_is_aborted_ends_its_faults(standing: Any, drill: dict[str, Any]) -> None:
    for provider in ("primary", "backup"):
        inject(standing.control, provider, "unavailable")
    limited = {**drill, "abort": [{"functional_success_below": 0.5, "over_requests": 10}]}
    with pytest.raises(OutsideFailed, match="every fault is off"):
        send_load(standing.control, standing.system, limited, "broken", requests=200)
    assert standing.active() == []


def test_a_phase_is_named_once_and_its_providers_are_those_of_the_proxy(standing: Any, drill: dict[str, Any]) -> None:
    send_load(standing.control, standing.system, drill, "one", requests=1)
    with pytest.raises(BadInput, match="has a phase 'one' already"):
        send_load(standing.control, standing.system, drill, "one", requests=1)
    with pytest.raises(BadInput, match="has no provider 'third'"):
        send_load(
            standing.control, standing.system, {**drill, "providers": {"third": {"models": ["m"]}}}, "two", requests=1
        )


def test_one_who_waits_may_be_interrupted_and_the_load_ends(standing: Any, drill: dict[str, Any]) -> None:
    async def soon() -> None:
        at = drill_at(standing.control)
        from llmops.chaos.experiments.chaostoolkit.settings import experiment_of, hold_of

        task = asyncio.create_task(
            at.ask(experiment_of(drill, standing.system), "long", "inject", hold_of({"duration_s": 60.0}), {})
        )
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.wait([task])

    background().run(soon())
    assert drill_at(standing.control).left.phases[-1].name == "long"
