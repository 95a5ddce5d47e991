"""A plain TCP proxy through its part of the API, called as the API calls it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.proxy.allowed import Allowed
from llmops.chaos.proxy.tcp_proxy import TcpProxy
from llmops.chaos.proxy.tcp_toxics import TcpToxics, is_at
from llmops.chaos.proxy.toxic_json import ApiError, toxic_change, toxic_shape


def play(wire: Any, journal: Path, scenario: Callable[[TcpToxics, TcpProxy, Any], Awaitable[None]]) -> None:
    async def main() -> None:
        async with wire.bench(wire.says(b""), journal) as bench:
            whole = bench.proxy
            proxy = TcpProxy(
                "p", ("127.0.0.1", 0), ("127.0.0.1", 1), journal=whole.journal, leases=whole.leases, now=whole.plan.now
            )
            await proxy.start()
            try:
                await scenario(TcpToxics(whole, proxy, Allowed()), proxy, bench)
            finally:
                await proxy.close()

    asyncio.run(main())


def shape(kind: str, **more: Any) -> Any:
    return toxic_shape(json.dumps({"type": kind, **more}))


def change(**fields: Any) -> Any:
    return toxic_change(json.dumps(fields))


def warnings(bench: Any) -> list[str]:
    return [line["reason"] for line in bench.lines("note") if line["what"] == "warning"]


def test_leniency_is_a_warning_in_the_journal(wire: Any, journal_file: Path) -> None:
    async def scenario(api: TcpToxics, _proxy: TcpProxy, bench: Any) -> None:
        await api.add(shape("latency", toxicity=2.0, attributes={"delay": 1000}))
        await api.change("latency_downstream", change(toxicity=-1, attributes={"jiter": 1}))
        assert warnings(bench) == [
            "a toxicity of 2 is no probability; it acts as 1",
            "unknown attribute 'delay' has no effect; known: jitter, latency",
            "a toxicity of -1 is no probability; it acts as 0",
            "unknown attribute 'jiter' has no effect; known: jitter, latency",
        ]

    play(wire, journal_file, scenario)


def test_what_is_as_it_should_be_is_not_warned_of(wire: Any, journal_file: Path) -> None:
    async def scenario(api: TcpToxics, _proxy: TcpProxy, bench: Any) -> None:
        await api.add(shape("latency", toxicity=1, attributes={"latency": 1}))
        await api.change("latency_downstream", change(toxicity=0, attributes={"jitter": 1}))
        assert warnings(bench) == []
        told = api.toxic("latency_downstream")
        assert (told["toxicity"], told["attributes"]) == (0, {"latency": 1, "jitter": 1})

    play(wire, journal_file, scenario)


def test_a_toxic_that_is_refused_changes_nothing(wire: Any, journal_file: Path) -> None:
    async def scenario(api: TcpToxics, _proxy: TcpProxy, _bench: Any) -> None:
        await api.add(shape("latency", attributes={"latency": 1}))
        before = api.toxic("latency_downstream")["attributes"]
        for work in (
            api.add(shape("latency")),
            api.add(shape("latency", name="b", attributes={"latency": "x"})),
            api.add(shape("refused")),
            api.change("latency_downstream", change(attributes={"latency": 4, "jitter": "x"})),
            api.change("none", change()),
            api.remove("none"),
        ):
            with pytest.raises(ApiError):
                await work
        with pytest.raises(ApiError, match="toxic not found"):
            api.renew("none", None)
        assert [toxic["name"] for toxic in api.json()["toxics"]] == ["latency_downstream"]
        assert api.toxic("latency_downstream")["attributes"] == before

    play(wire, journal_file, scenario)


def test_an_update_that_is_refused_changes_nothing(wire: Any, journal_file: Path) -> None:
    async def scenario(api: TcpToxics, _proxy: TcpProxy, _bench: Any) -> None:
        before = api.json()
        for fields in (
            {"enabled": False, "upstream": "10.0.0.1:80"},
            {"enabled": False, "listen": "10.0.0.1:80"},
            {"enabled": False, "lease_s": -1},
            {"enabled": "no", "upstream": "127.0.0.1:2"},
        ):
            with pytest.raises(ApiError):
                await api.update(fields)
        assert api.json() == before

    play(wire, journal_file, scenario)


def test_down_has_the_lease_that_it_is_given(wire: Any, journal_file: Path) -> None:
    async def scenario(api: TcpToxics, proxy: TcpProxy, _bench: Any) -> None:
        await api.update({"enabled": False, "lease_s": 0.05})
        assert not proxy.enabled
        await asyncio.sleep(0.2)
        assert proxy.enabled

    play(wire, journal_file, scenario)


def test_an_address_is_the_same_by_another_name(wire: Any, journal_file: Path) -> None:
    async def scenario(_api: TcpToxics, proxy: TcpProxy, _bench: Any) -> None:
        host, port = proxy.address
        for listen, upstream, same in (
            ((host, port), proxy.upstream, True),
            (("localhost", port), proxy.upstream, True),
            ((host, port + 1), proxy.upstream, False),
            ((host, 0), proxy.upstream, False),
            ((host, port), ("127.0.0.1", 2), False),
            (("no-such-host.invalid", port), proxy.upstream, False),
        ):
            assert is_at(proxy, listen, upstream) is same

    play(wire, journal_file, scenario)
