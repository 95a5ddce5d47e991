"""The control API by raw HTTP, and by toxiproxy-python's whole public API."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmops.chaos.proxy.control import Control


@contextlib.asynccontextmanager
async def controlled(wire: Any, journal: Path, script: Any = None, **allowed: Any) -> AsyncIterator[tuple[Any, str]]:
    """A bench with a control API; its base URL."""
    async with wire.bench(script or wire.says(wire.answer()), journal) as bench:
        control = Control(bench.proxy, **allowed)
        port = await control.start("127.0.0.1", 0)
        bench.control = control
        try:
            yield bench, f"http://127.0.0.1:{port}"
        finally:
            await control.close()


def play(wire: Any, journal: Path, scenario: Callable[[Any, Any], Any], script: Any = None, **allowed: Any) -> None:
    """`scenario(bench, call)`, where call is one request: status, decoded JSON (or text)."""

    async def main() -> None:
        async with controlled(wire, journal, script, **allowed) as (bench, url), aiohttp.ClientSession() as session:

            async def call(method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
                kind = "data" if isinstance(body, str) else "json"
                async with session.request(method, url + path, **{kind: body}, **options) as response:
                    text = await response.text()
                    is_json = text[:1] in {"{", "["}
                    return response.status, (await response.json(content_type=None)) if is_json else text

            await scenario(bench, call)

    asyncio.run(main())


def tcp(bench: Any, name: str = "p", **more: Any) -> dict[str, Any]:
    return {"name": name, "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{bench.upstream.port}", **more}


async def ask(listen: str, request: bytes, wire: Any) -> bytes:
    host, _, port = listen.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    try:
        data: bytes = await wire.read_answer(reader)
        return data
    finally:
        await wire.closed(writer)


def test_version_is_toxiproxys_to_the_byte(wire: Any, journal_file: Path) -> None:
    async def scenario(_bench: Any, call: Any) -> None:
        assert await call("GET", "/version") == (200, {"version": "2.12.0"})

    play(wire, journal_file, scenario)


def test_a_proxy_lives_through_create_show_update_delete(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        status, made = await call("POST", "/proxies", tcp(bench))
        assert status == 201
        assert made["listen"] != "127.0.0.1:0"
        assert made["enabled"] is True
        assert made["toxics"] == []
        assert await ask(made["listen"], wire.chat_request(), wire) == wire.answer()
        assert (await call("GET", "/proxies"))[1].keys() == {"openai", "p"}
        assert (await call("GET", "/proxies/p")) == (200, made)
        assert (await call("POST", "/proxies/p", {"enabled": False}))[1] == {**made, "enabled": False}
        with pytest.raises(ConnectionRefusedError):
            await ask(made["listen"], b"", wire)
        assert (await call("PATCH", "/proxies/p", {"enabled": True}))[1] == made
        assert await ask(made["listen"], wire.chat_request(), wire) == wire.answer()
        assert await call("DELETE", "/proxies/p") == (204, "")
        assert (await call("GET", "/proxies/p"))[0] == 404

    play(wire, journal_file, scenario)


def test_errors_have_toxiproxys_words_and_statuses(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        await call("POST", "/proxies", tcp(bench))
        await call("POST", "/proxies/p/toxics", {"type": "latency", "name": "slow"})
        for method, path, body, status, message in [
            ("GET", "/proxies/nope", None, 404, "proxy not found"),
            ("POST", "/proxies", "{", 400, "bad request body: "),
            ("POST", "/proxies", "", 400, "bad request body: EOF"),
            ("POST", "/proxies", {"upstream": "127.0.0.1:1"}, 400, "missing required field: name"),
            ("POST", "/proxies", {"name": "x"}, 400, "missing required field: upstream"),
            ("POST", "/proxies", tcp(bench), 409, "proxy already exists"),
            ("POST", "/proxies/p/toxics", {"type": "latency", "stream": "sideways"}, 400, "stream was invalid, can be"),
            ("POST", "/proxies/p/toxics", {"type": "latencyy"}, 400, "invalid toxic type: did you mean 'latency'?"),
            ("POST", "/proxies/p/toxics", {"type": "latency", "name": "slow"}, 409, "toxic already exists"),
            ("POST", "/proxies/p/toxics", {"type": "latency", "attributes": {"latency": "x"}}, 400, "bad request body"),
            ("GET", "/proxies/p/toxics/nope", None, 404, "toxic not found"),
            ("DELETE", "/proxies/p/toxics/nope", None, 404, "toxic not found"),
            (
                "POST",
                "/proxies",
                tcp(bench, "far", upstream="example.org:80"),
                403,
                "the upstream example.org:80 is not",
            ),
            ("POST", "/proxies", tcp(bench, "open", listen="0.0.0.0:0"), 403, "listening on '0.0.0.0' is not allowed"),
            ("PATCH", "/proxies/openai", {"upstream": "127.0.0.1:1"}, 403, "upstream of a provider"),
            (
                "POST",
                "/proxies/openai/toxics",
                {"type": "latency"},
                400,
                "invalid toxic type: latency works on plain TCP",
            ),
            ("POST", "/proxies/p/toxics", {"type": "refused"}, 400, "invalid toxic type: refused needs the proxy of a"),
            (
                "POST",
                "/proxies/openai/toxics",
                {"type": "delayed_answer", "attributes": {"dely_s": 1}},
                400,
                "bad request body: delayed_answer has no parameter 'dely_s'; did you mean 'delay_s'?",
            ),
            (
                "POST",
                "/proxies/openai/toxics",
                {"type": "refused", "scope": {"models": ["gpt-4o"]}},
                400,
                "bad request body: refused acts on connections",
            ),
        ]:
            got_status, got = await call(method, path, body)
            assert (got_status, got["status"]) == (status, status), (method, path, body, got)
            assert got["error"].startswith(message), got

    play(wire, journal_file, scenario)


def test_foreign_names_origins_and_browsers_are_refused(wire: Any, journal_file: Path) -> None:
    async def scenario(_bench: Any, call: Any) -> None:
        for headers in [
            {"Host": "evil.example"},
            {"Origin": "http://evil.example"},
            {"User-Agent": "Mozilla/5.0"},
        ]:
            assert (await call("GET", "/proxies", headers=headers))[0] == 403
        assert (await call("GET", "/proxies", headers={"Host": "localhost"}))[0] == 200

    play(wire, journal_file, scenario)


def test_populate_and_reset_by_raw_http(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        status, got = await call("POST", "/populate", [tcp(bench, "a"), tcp(bench, "b", enabled=False)])
        assert status == 201
        assert [(each["name"], each["enabled"]) for each in got["proxies"]] == [("a", True), ("b", False)]
        listen = got["proxies"][0]["listen"]
        _, again = await call("POST", "/populate", [tcp(bench, "a", listen=listen)])
        assert again["proxies"][0]["listen"] == listen
        status, got = await call("POST", "/populate", [{"name": "c"}])
        assert (status, got["error"], got["proxies"]) == (400, "missing required field: upstream at proxy 1", [])
        await call("POST", "/proxies/a/toxics", {"type": "timeout"})
        await call("POST", "/proxies/openai/toxics", {"type": "reset_before_headers"})
        assert await call("POST", "/reset") == (204, "")
        _, proxies = await call("GET", "/proxies")
        assert all(each["enabled"] and each["toxics"] == [] for each in proxies.values())

    play(wire, journal_file, scenario)


def test_leniency_is_a_warning_in_the_journal(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        await call("POST", "/proxies", tcp(bench))
        body = {"type": "latency", "toxicity": 2.0, "attributes": {"delay": 1000}}
        status, made = await call("POST", "/proxies/p/toxics", body)
        assert (status, made["name"], made["toxicity"], made["attributes"]["latency"]) == (
            200,
            "latency_downstream",
            2.0,
            0,
        )
        reasons = [line["reason"] for line in bench.lines("note") if line["what"] == "warning"]
        assert len(reasons) == 2
        assert reasons[0].startswith("a toxicity of 2")
        assert reasons[1] == "unknown attribute 'delay' has no effect; known: jitter, latency"

    play(wire, journal_file, scenario)


def test_a_fault_of_ours_is_a_toxic_per_request(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        body = {"type": "reset_before_headers", "name": "rst", "toxicity": 1, "lease_s": 60}
        status, made = await call("POST", "/proxies/openai/toxics", body)
        assert (status, made["type"], made["hit"]) == (200, "reset_before_headers", 0)
        assert 59 < made["lease_left_s"] <= 60
        with pytest.raises(ConnectionResetError):
            await bench.ask(wire.chat_request())
        assert (await call("GET", "/proxies/openai/toxics/rst"))[1]["hit"] == 1
        status, updated = await call("PATCH", "/proxies/openai/toxics/rst", {"attributes": {"after_s": 0.5}})
        assert updated["attributes"] == {"after_s": 0.5}
        assert (await call("POST", "/proxies/openai/toxics/rst/lease", {"lease_s": 5}))[1]["lease_left_s"] <= 5
        assert await call("DELETE", "/proxies/openai/toxics/rst") == (204, "")
        assert await bench.ask(wire.chat_request()) == wire.answer()
        assert "toxiproxy_proxy_received_bytes_total" in (await call("GET", "/metrics"))[1]

    play(wire, journal_file, scenario)


def test_a_toxic_ends_with_its_lease_and_down_does_too(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        _, made = await call("POST", "/proxies", tcp(bench))
        assert (await call("POST", "/proxies/p/toxics", {"type": "timeout"}))[1]["lease_left_s"] > 599
        await call("DELETE", "/proxies/p/toxics/timeout_downstream")
        await call("POST", "/proxies/p/toxics", {"type": "timeout", "lease_s": 0.1})
        await call("POST", "/proxies/openai", {"enabled": False, "lease_s": 0.1})
        with pytest.raises(ConnectionRefusedError):
            await bench.connect()
        await asyncio.sleep(0.2)
        assert await ask(made["listen"], wire.chat_request(), wire) == wire.answer()
        assert await bench.ask(wire.chat_request()) == wire.answer()
        assert [line["of"] for line in bench.lines("lease") if line["what"] == "expired"] == [
            "p/timeout_downstream",
            "openai/down",
        ]

    play(wire, journal_file, scenario)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_toxiproxy_python_works_unchanged(wire: Any, journal_file: Path) -> None:
    """Every public method of toxiproxy-python 0.1.1, from a thread as its users call it."""
    toxiproxy = pytest.importorskip("toxiproxy")
    from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists  # type: ignore[import-untyped]

    def client(port: int, upstream: str) -> None:
        server = toxiproxy.Toxiproxy()
        server.update_api_consumer("127.0.0.1", port)
        assert server.running()
        assert server.version() == b'{"version": "2.12.0"}\n'
        proxy = server.create(upstream=upstream, name="a")
        assert proxy.listen.startswith("127.0.0.1:")
        assert proxy.enabled
        with pytest.raises(ProxyExists):
            server.create(upstream=upstream, name="a")
        assert server.get_proxy("a").upstream == upstream
        assert server.get_proxy("none") is None
        assert set(server.proxies()) == {"a", "openai"}
        proxy.add_toxic(type="latency", attributes={"latency": 50, "jitter": 5})
        assert proxy.get_toxic("latency_downstream").attributes == {"latency": 50, "jitter": 5}
        with pytest.raises(ProxyExists):
            proxy.add_toxic(type="latency")
        with pytest.raises(InvalidToxic):
            proxy.add_toxic(type="nonsense")
        assert proxy.destroy_toxic("latency_downstream")
        with pytest.raises(NotFound):
            proxy.destroy_toxic("latency_downstream")
        assert proxy.toxics() == {}
        with proxy.down():
            assert not server.get_proxy("a").enabled
        assert server.get_proxy("a").enabled
        proxy.disable()
        proxy.enable()
        populated = server.populate([{"name": "b", "upstream": upstream}])
        assert [each.name for each in populated] == ["b"]
        assert server.reset()
        assert server.destroy(proxy)
        with pytest.raises(NotFound):
            proxy.destroy()
        assert server.destroy(server.get_proxy("b"))
        assert set(server.proxies()) == {"openai"}

    async def main() -> None:
        async with controlled(wire, journal_file) as (bench, url):
            port = int(url.rpartition(":")[2])
            await asyncio.to_thread(client, port, f"127.0.0.1:{bench.upstream.port}")

    asyncio.run(main())


@pytest.mark.parametrize("value", [0, 30])
def test_latency_is_never_early(wire: Any, journal_file: Path, value: int) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        _, made = await call("POST", "/proxies", tcp(bench))
        await ask(made["listen"], wire.chat_request(), wire)
        await call("POST", "/proxies/p/toxics", {"type": "latency", "attributes": {"latency": value}})
        for _ in range(10):
            began = time.monotonic()
            await ask(made["listen"], wire.chat_request(), wire)
            assert time.monotonic() - began >= value / 1000

    play(wire, journal_file, scenario)
