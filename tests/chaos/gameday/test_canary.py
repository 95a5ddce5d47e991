"""The proof of rollback, on a real proxy in this process: it holds, or it says what does not."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from llmops.chaos.experiments.driver import Driver
from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.journal import RunJournal
from llmops.chaos.experiments.stepping import Stopped
from llmops.chaos.gameday.canary import NAME, Canary, is_ours
from llmops.chaos.gameday.loader import load_plan
from llmops.chaos.providers.openai import Openai
from llmops.chaos.providers.serving.desk import Settings
from llmops.chaos.providers.serving.server import serve
from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.control import Control
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan

Write = Callable[..., Path]
Disturb = Callable[[Driver], Coroutine[Any, Any, None]]
LEASE_S = 0.6


def proven(path: Path, tmp_path: Path, disturb: Disturb | None = None) -> tuple[list[str], list[UserRequest]]:
    """Prove it, while somebody may disturb; what the journal says, and its requests."""
    kept: list[UserRequest] = []
    receipts: list[float] = []

    def listen(line: Any) -> None:
        if line["kind"] == "receipt" and line["injection"] == NAME and line["applied"]:
            receipts.append(datetime.now(UTC).timestamp())

    async def main() -> None:
        async with (
            serve(Openai(), Settings(seed=7), host="127.0.0.1", port=0) as provider,
            aiohttp.ClientSession() as http,
        ):
            journal = Journal(None)
            journal.listeners.append(listen)
            there = ProviderPlan("primary", Address("127.0.0.1", provider.port, path="/v1"))
            proxy = Proxy(ProxyPlan((there,)), journal)
            control = Control(proxy)
            await proxy.start()
            disturbing = None
            try:
                driver = Driver(http, f"http://127.0.0.1:{await control.start('127.0.0.1', 0)}", lease_s=60.0)
                canary = Canary(
                    experiment=load_plan(path).experiment,
                    driver=driver,
                    proxies={"primary": proxy.base_url("primary")},
                    journal=RunJournal(tmp_path / "journal.jsonl"),
                    token="t",  # noqa: S106 - no password
                    lease_s=LEASE_S,
                    receipts=lambda _provider, since: sum(at >= since for at in receipts),
                    keep=kept.append,
                )
                if disturb is not None:
                    disturbing = asyncio.create_task(disturb(driver))
                    await asyncio.sleep(0.2)
                await canary.prove()
            finally:
                if disturbing is not None:
                    disturbing.cancel()
                    await asyncio.wait([disturbing])
                assert await driver.active() == []
                await control.close()
                await proxy.close(drain_s=0)

    asyncio.run(main())
    lines = (tmp_path / "journal.jsonl").read_bytes().splitlines()
    return [orjson.loads(line)["what"] for line in lines], kept


def test_it_is_seen_and_ends_by_its_lease_and_all_is_well_again(plan_file: Write, tmp_path: Path) -> None:
    steps, kept = proven(plan_file(), tmp_path)
    assert steps == ["canary on", "canary seen", "canary ended by its lease", "healthy after the canary"]
    assert [request.status for request in kept] == [200, 503, 200]
    assert all(is_ours(request.id) for request in kept)
    assert not is_ours("t-1-baseline-1")
    assert not is_ours(None)


async def renew(driver: Driver) -> None:
    """Somebody keeps it on for ever: the proof must not wait as long, and must take it off."""
    from llmops.chaos.experiments.driver import ProxyFailed

    while True:
        await asyncio.sleep(0.1)
        try:
            await driver.renew("primary", NAME)
        except ProxyFailed:
            continue


async def take_off(driver: Driver) -> None:
    while not await driver.active():  # noqa: ASYNC110 - a proxy has no event
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.1)
    await driver.clear("primary", NAME)


def test_one_that_outlives_its_lease_proves_nothing_and_is_taken_off(
    plan_file: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmops.chaos.gameday.canary.LATE_S", 0.5)
    with pytest.raises(Stopped, match=r"the canary on primary outlives its lease of 0\.6 s"):
        proven(plan_file(), tmp_path, renew)


def test_one_that_somebody_took_off_proves_nothing(plan_file: Write, tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="rollback is not proven"):
        proven(plan_file(), tmp_path, take_off)


def test_a_provider_that_is_down_already_proves_nothing(plan_file: Write, tmp_path: Path) -> None:
    from llmops.chaos.experiments.planned_fault import planned_fault
    from llmops.chaos.experiments.schema import Injected

    async def break_first(driver: Driver) -> None:
        toxic = planned_fault(
            Injected(provider="primary", fault="unavailable"), load_plan(plan_file()).experiment,
            requests=1, duration_s=1.0, speed=1.0,
        ).toxic  # fmt: skip
        await driver.inject("primary", toxic)
        try:
            await asyncio.sleep(60)
        finally:
            await driver.clear("primary", "unavailable")

    with pytest.raises(Stopped, match="primary gave status 503 before any fault was on"):
        proven(plan_file(), tmp_path, break_first)
