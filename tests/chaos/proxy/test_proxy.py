import asyncio
from pathlib import Path
from typing import Any

import pytest


def play(wire: Any, journal: Path, scenario: Any, **plan: Any) -> None:
    async def main() -> None:
        async with wire.bench(wire.says(wire.answer()), journal, **plan) as bench:
            await scenario(bench)

    asyncio.run(main())


async def refuses(bench: Any) -> bool:
    try:
        await bench.ask(b"GET /v1/models HTTP/1.1\r\nHost: p\r\n\r\n")
    except ConnectionRefusedError:
        return True
    return False


def test_down_said_again_renews_its_lease(wire: Any, journal_file: Path) -> None:
    now = [1000.0]

    async def scenario(bench: Any) -> None:
        proxy = bench.proxy
        proxy.set_enabled("openai", enabled=False, lease_s=10)
        now[0] += 9
        proxy.set_enabled("openai", enabled=False, lease_s=10)
        now[0] += 9  # 18 s after the first, 9 after the second
        proxy.leases.expire()
        assert not proxy.is_enabled("openai")
        now[0] += 1.1
        proxy.leases.expire()
        assert proxy.is_enabled("openai")

    play(wire, journal_file, scenario, clock=lambda: now[0])


def test_down_refuses_connections_and_its_end_lets_them_in_again(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.proxy.set_enabled("openai", enabled=False, lease_s=30)
        assert await refuses(bench)
        bench.proxy.set_enabled("openai", enabled=True)
        async with asyncio.timeout(5):
            while await refuses(bench):  # noqa: ASYNC110 - polled on purpose
                await asyncio.sleep(0.005)
        states = [(line["fault"], line["state"]) for line in bench.lines("receipt")]
        assert states == [("down", "on"), ("down", "off")]

    play(wire, journal_file, scenario)


def test_an_upstream_that_does_not_resolve_is_told_before_anything_listens(wire: Any, journal_file: Path) -> None:
    from llmops.chaos.proxy.address import Address
    from llmops.chaos.proxy.journal import Journal
    from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan
    from llmops.errors import OutsideFailed

    async def main() -> None:
        plan = ProxyPlan((ProviderPlan("openai", Address("nobody.invalid", 80)),))
        proxy = Proxy(plan, Journal(journal_file))
        with pytest.raises(OutsideFailed, match=r"does not resolve: nobody\.invalid"):
            await proxy.start()
        assert proxy.listeners == {}

    del wire
    asyncio.run(main())


def test_a_body_that_cannot_be_sent_twice_gets_a_connection_that_is_surely_alive(wire: Any, journal_file: Path) -> None:
    """The pool's idle one may have been closed by the provider a moment ago: what is held is then sent again."""
    upload = b"POST /v1/files HTTP/1.1\r\nHost: p\r\nContent-Length: 5\r\n\r\nhello"

    async def scenario(bench: Any) -> None:
        for _ in range(3):
            assert (await bench.ask(wire.chat_request())).startswith(b"HTTP/1.1 200")
        assert bench.upstream.connections == 1
        for _ in range(2):
            assert (await bench.ask(upload)).startswith(b"HTTP/1.1 200")
        assert bench.upstream.connections == 3

    play(wire, journal_file, scenario)
