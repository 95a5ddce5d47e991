"""The driver against the control API of a real proxy in this process."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmops.chaos.experiments.driver import Driver, ProxyFailed, held
from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.control import Control
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan

TOXIC: dict[str, Any] = {"name": "out", "type": "unavailable", "attributes": {}, "schedule": {}, "scope": {}}
ON = [("primary", "out")]


@dataclass
class Stage:
    driver: Driver
    proxy: Proxy
    control: Control
    journal: Path

    def leases(self) -> list[str]:
        self.proxy.journal.flush()
        lines = map(json.loads, self.journal.read_text(encoding="utf-8").splitlines())
        return [line["what"] for line in lines if line["kind"] == "lease"]


@asynccontextmanager
async def stage(folder: Path, lease_s: float = 10.0) -> AsyncIterator[Stage]:
    journal = folder / "proxy.jsonl"
    providers = tuple(ProviderPlan(name, Address("127.0.0.1", 9)) for name in ("primary", "backup"))
    proxy = Proxy(ProxyPlan(providers), Journal(journal))
    control = Control(proxy)
    await proxy.start()
    try:
        url = f"http://127.0.0.1:{await control.start('127.0.0.1', 0)}"
        async with aiohttp.ClientSession() as http:
            yield Stage(Driver(http, url, lease_s=lease_s), proxy, control, journal)
    finally:
        await control.close()
        await proxy.close(drain_s=0)
        proxy.journal.close()


def on_stage(folder: Path, test: Callable[[Stage], Awaitable[None]], lease_s: float = 10.0) -> None:
    async def main() -> None:
        async with stage(folder, lease_s) as it:
            await test(it)

    asyncio.run(main())


async def body(it: Stage, error: type[BaseException], *toxics: tuple[str, dict[str, Any]]) -> None:
    """Looks whether all are on, and ends with the error."""
    async with held(it.driver, toxics):
        assert len(await it.driver.active()) == len(toxics)
        raise error


def test_a_fault_is_on_while_the_body_runs_and_off_after_it(tmp_path: Path) -> None:
    async def test(it: Stage) -> None:
        async with held(it.driver, [("primary", TOXIC)]):
            assert await it.driver.active() == ON
        assert await it.driver.active() == []

    on_stage(tmp_path, test)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, asyncio.CancelledError])
def test_it_is_off_however_the_body_ends(tmp_path: Path, error: type[BaseException]) -> None:
    async def test(it: Stage) -> None:
        with pytest.raises(error):
            await body(it, error, ("primary", TOXIC), ("backup", TOXIC))
        assert await it.driver.active() == []

    on_stage(tmp_path, test)


def test_its_lease_is_renewed_while_the_body_runs(tmp_path: Path) -> None:
    async def test(it: Stage) -> None:
        async with held(it.driver, [("primary", TOXIC)]):
            await asyncio.sleep(0.7)
            assert await it.driver.active() == ON
        assert it.leases().count("renewed") >= 2
        assert "expired" not in it.leases()

    on_stage(tmp_path, test, lease_s=0.3)


def test_a_fault_that_was_lost_breaks_the_body_off(tmp_path: Path) -> None:
    async def test(it: Stage) -> None:
        async def lost() -> None:
            async with held(it.driver, [("primary", TOXIC)]):
                it.proxy.providers["primary"].injections.clear()
                await asyncio.sleep(10)

        with pytest.raises(ProxyFailed, match=r"^out on primary ended before its time: somebody else took it off"):
            await lost()

    on_stage(tmp_path, test, lease_s=0.3)


def test_a_runner_that_was_stopped_is_told_that_its_lease_lapsed_and_why(tmp_path: Path) -> None:
    """As SIGSTOP and SIGCONT do: nothing of this process runs, and the proxy's own clock goes on."""

    async def test(it: Stage) -> None:
        async def stopped() -> None:
            async with held(it.driver, [("primary", TOXIC)]):
                time.sleep(0.8)  # noqa: ASYNC251 - the whole process stands still
                await asyncio.sleep(10)

        told = r"^the lease of out on primary lapsed, and it ended by itself: this process stood still for .* 0\.3 s$"
        with pytest.raises(ProxyFailed, match=told):
            await stopped()

    on_stage(tmp_path, test, lease_s=0.3)


def test_when_one_of_several_cannot_begin_none_stays_on(tmp_path: Path) -> None:
    async def test(it: Stage) -> None:
        with pytest.raises(ProxyFailed, match="invalid toxic type"):
            await body(it, AssertionError, ("primary", TOXIC), ("backup", {**TOXIC, "type": "no_such"}))
        assert await it.driver.active() == []

    on_stage(tmp_path, test)


def test_a_proxy_that_does_not_answer_is_told(tmp_path: Path) -> None:
    async def test(it: Stage) -> None:
        await it.control.close()
        with pytest.raises(ProxyFailed, match="the proxy did not answer GET /proxies"):
            await it.driver.active()

    on_stage(tmp_path, test)


def test_how_the_body_ended_goes_before_a_proxy_that_is_gone(tmp_path: Path) -> None:
    async def test(it: Stage) -> None:
        async def gone() -> None:
            async with held(it.driver, [("primary", TOXIC)]):
                await it.control.close()
                raise ValueError("of the body")

        with pytest.raises(ValueError, match="of the body"):
            await gone()

    on_stage(tmp_path, test)


def test_where_the_proxies_of_the_providers_listen(tmp_path: Path) -> None:
    async def test(it: Stage) -> None:
        ports = {name: f"127.0.0.1:{listener.port}" for name, listener in it.proxy.listeners.items()}
        assert await it.driver.listening() == ports

    on_stage(tmp_path, test)


def test_severing_ends_the_connections_that_are_open_and_takes_new_ones(tmp_path: Path) -> None:
    async def test(it: Stage) -> None:
        port: Any = it.proxy.listeners["primary"].port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.05)
        await it.driver.sever("primary")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        _, again = await asyncio.open_connection("127.0.0.1", port)
        again.close()

    on_stage(tmp_path, test)
