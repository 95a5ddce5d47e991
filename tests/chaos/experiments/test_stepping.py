"""One step against a real proxy in this process, and a provider behind it; whole runs are in test_runner.py."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from llmops.chaos.experiments.driver import Driver, ProxyFailed
from llmops.chaos.experiments.journal import RunJournal
from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.plan import plan_of
from llmops.chaos.experiments.stepping import Left, Stage, Stopped, run_step
from llmops.chaos.experiments.system import Running
from llmops.chaos.providers.openai import Openai
from llmops.chaos.providers.serving.desk import Settings
from llmops.chaos.providers.serving.server import serve
from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.control import Control
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan

Write = Callable[..., Path]
Disturb = Callable[[Proxy, Control], None]


def step(path: Path, left: Left, *, disturb: Disturb = lambda *_: None, limit_s: float | None = None) -> list[str]:
    """Run the phase of the experiment, the proxy itself being the system; what progress said."""
    plan = plan_of(*load_experiment(path))
    said: list[str] = []

    async def main() -> None:
        async with (
            serve(Openai(), Settings(seed=7), host="127.0.0.1", port=0) as provider,
            aiohttp.ClientSession() as http,
        ):
            proxy = Proxy(
                ProxyPlan((ProviderPlan("primary", Address("127.0.0.1", provider.port, path="/v1")),)), Journal(None)
            )
            control = Control(proxy)
            await proxy.start()
            try:
                driver = Driver(http, f"http://127.0.0.1:{await control.start('127.0.0.1', 0)}", lease_s=0.6)
                proxies = {"primary": proxy.base_url("primary")}
                stage = Stage(plan, driver, proxies, RunJournal(None), left, "t", said.append)
                asyncio.get_running_loop().call_later(0.1, disturb, proxy, control)
                wanted = plan.steps[1] if limit_s is None else replace(plan.steps[1], duration_s=limit_s)
                await run_step(stage, wanted, 1, Running(proxies["primary"], {}))
                assert await driver.active() == []
            finally:
                await control.close()
                await proxy.close(drain_s=0)

    asyncio.run(main())
    return said


def test_a_step_keeps_its_phase_its_requests_and_when_its_fault_was_on(experiment_file: Write) -> None:
    left = Left()
    said = step(experiment_file(), left)
    assert [request.status for request in left.requests] == [503] * 40
    assert len({request.id for request in left.requests}) == 40
    (phase,) = left.phases
    (injection,) = phase.injections
    assert (phase.name, phase.kind, phase.planned_requests) == ("broken", "inject", 40)
    assert injection.on_at is not None
    assert injection.off_at is not None
    assert injection.on_at <= min(request.sent_at for request in left.requests)
    assert max(request.ended_at or 0 for request in left.requests) <= injection.off_at
    assert said[-1] == "broken 40/40"


def test_the_truth_is_what_the_provider_said(experiment_file: Write) -> None:
    left = Left()
    step(experiment_file(("fault: unavailable", "fault: duplicate_chunks")), left)
    placebo = Left()
    step(experiment_file(("faults:\n      - provider: primary\n        fault: unavailable", "faults: []")), placebo)
    assert {request.text == request.truth for request in placebo.requests} == {True}
    assert {request.text == request.truth for request in left.requests} == {False}


def test_a_fault_that_was_lost_breaks_the_step_off(experiment_file: Write) -> None:
    def lose(proxy: Proxy, _: Control) -> None:
        proxy.providers["primary"].injections.clear()

    left = Left()
    began = time.monotonic()
    with pytest.raises(ProxyFailed, match="unavailable on primary ended before its time"):
        step(experiment_file(("requests: 40\n    faults", "requests: 2000\n    faults")), left, disturb=lose)
    assert time.monotonic() - began < 5  # and not the twenty seconds of its load
    assert 0 < len(left.requests) < 2000


def test_an_abort_condition_calls_the_rest_off(experiment_file: Write) -> None:
    left = Left()
    stop = ("expectations:", "abort: [{functional_success_below: 0.5, over_requests: 10}]\nexpectations:")
    with pytest.raises(Stopped, match="broken: 0 of the last 10 requests succeeded"):
        step(experiment_file(stop), left)
    assert 10 <= len(left.requests) < 40
    assert left.phases[0].injections[0].off_at is not None


def test_a_step_that_does_not_end_is_stopped(experiment_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmops.chaos.experiments.stepping.MARGIN_S", -4.9)
    left = Left()
    with pytest.raises(Stopped, match=r"broken was not over after 0\.2 s"):
        step(experiment_file(), left, limit_s=0.1)


def test_a_fault_that_nobody_saw_end_has_no_end(experiment_file: Write) -> None:
    def deafen(_: Proxy, control: Control) -> None:
        closing.append(asyncio.get_running_loop().create_task(control.close()))

    closing: list[asyncio.Task[None]] = []
    left = Left()
    with pytest.raises(ProxyFailed, match="did not answer"):
        step(experiment_file(("requests: 40\n    faults", "requests: 2000\n    faults")), left, disturb=deafen)
    assert left.phases[0].injections[0].on_at is not None
    assert left.phases[0].injections[0].off_at is None
