"""A proxy that runs already, here one in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from llmops.chaos.experiments.running_proxy import joined
from llmops.chaos.experiments.schema import Experiment, RunningProxy, experiment_from
from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.control import Control
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan
from llmops.errors import BadInput


def experiment(provider: str = "p") -> Experiment:
    return experiment_from({
        "schema_version": 1,
        "name": "x",
        "system": {"url": "http://127.0.0.1:4000"},
        "providers": {provider: {"models": ["gpt-4o"]}},
        "load": {"requests_per_second": 10, "model": "gpt-4o"},
        "phases": [{"name": "p", "requests": 1, "faults": []}],
        "expectations": ["laundered"],
    })  # fmt: skip


def beside_a_proxy(folder: Path, test: Callable[[RunningProxy, Proxy, aiohttp.ClientSession], Awaitable[None]]) -> None:
    async def main() -> None:
        journal = folder / "long.jsonl"
        proxy = Proxy(ProxyPlan((ProviderPlan("p", Address("127.0.0.1", 9)),)), Journal(journal))
        control = Control(proxy)
        await proxy.start()
        try:
            url = f"http://127.0.0.1:{await control.start('127.0.0.1', 0)}"
            async with aiohttp.ClientSession() as http:
                await test(RunningProxy(control=url, journal=str(journal)), proxy, http)
        finally:
            await control.close()
            await proxy.close(drain_s=0)
            proxy.journal.close()

    asyncio.run(main())


def test_its_lines_of_this_time_are_copied_and_it_goes_on(tmp_path: Path) -> None:
    async def test(running: RunningProxy, proxy: Proxy, http: aiohttp.ClientSession) -> None:
        proxy.journal.write("note", what="before")
        async with joined(running, experiment(), http, tmp_path / "copy.jsonl") as found:
            assert found == {"control": running.control, "p": f"http://{proxy.listeners['p'].address}"}
            proxy.journal.write("note", what="while")
        proxy.journal.write("note", what="after")
        assert proxy.listeners["p"].accepts

    beside_a_proxy(tmp_path, test)
    copied = (tmp_path / "copy.jsonl").read_text(encoding="utf-8")
    assert [word in copied for word in ("before", "while", "after")] == [False, True, False]
    assert (tmp_path / "copy.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_provider_that_it_does_not_front_is_refused(tmp_path: Path) -> None:
    async def test(running: RunningProxy, _: Proxy, http: aiohttp.ClientSession) -> None:
        with pytest.raises(BadInput, match="has no provider 'q'"):
            async with joined(running, experiment("q"), http, tmp_path / "copy.jsonl"):
                pytest.fail("it must not be joined")

    beside_a_proxy(tmp_path, test)


def test_a_journal_that_is_not_there_is_refused(tmp_path: Path) -> None:
    async def test(running: RunningProxy, _: Proxy, http: aiohttp.ClientSession) -> None:
        wrong = running.model_copy(update={"journal": str(tmp_path / "other.jsonl")})
        with pytest.raises(BadInput, match="there is no journal"):
            async with joined(wrong, experiment(), http, tmp_path / "copy.jsonl"):
                pytest.fail("it must not be joined")

    beside_a_proxy(tmp_path, test)
