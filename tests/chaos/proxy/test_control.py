"""What the control API has that Toxiproxy's has not. What both have is in test_toxiproxy.py, for both."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmops.chaos.proxy.control import Control
from llmops.errors import OutsideFailed

LIMIT = "rate_limit_requests"


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


def test_what_is_not_allowed_is_refused_in_toxiproxys_shape(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        listen = "listening on '0.0.0.0' is not allowed; start the proxy with --listen 0.0.0.0"
        upstream = "the upstream example.org:80 is not allowed; start the proxy with --allow-upstream example.org:80"
        await call("POST", "/proxies", tcp(bench))
        for method, path, body, status, message in [
            ("POST", "/proxies", tcp(bench, "far", upstream="example.org:80"), 403, upstream),
            ("PATCH", "/proxies/p", {"upstream": "example.org:80"}, 403, upstream),
            ("POST", "/populate", [tcp(bench, "far", upstream="example.org:80")], 403, upstream),
            ("POST", "/proxies", tcp(bench, "open", listen="0.0.0.0:0"), 403, listen),
            ("PATCH", "/proxies/p", {"listen": "0.0.0.0:0"}, 403, listen),
            ("POST", "/populate", [tcp(bench, "open", listen="0.0.0.0:0")], 403, listen),
            ("PATCH", "/proxies/openai", {"upstream": "127.0.0.1:1"}, 403, "upstream of a provider is what"),
            ("DELETE", "/proxies/openai", None, 403, "a provider of the configuration cannot be deleted"),
            ("POST", "/proxies", tcp(bench, "openai"), 409, "proxy already exists"),
            ("POST", "/populate", [tcp(bench, "openai")], 409, "proxy already exists"),
        ]:
            got_status, got = await call(method, path, body)
            assert (got_status, got["status"]) == (status, status), (method, path, body, got)
            assert got["error"].startswith(message), got
        assert (await call("GET", "/proxies"))[1].keys() == {"openai", "p"}

    play(wire, journal_file, scenario)


def test_what_is_allowed_at_the_start_is_allowed(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        body = tcp(bench, upstream="example.org:80", listen="0.0.0.0:0")
        status, made = await call("POST", "/proxies", body)
        assert (status, made["upstream"], made["listen"][:8]) == (201, "example.org:80", "0.0.0.0:")

    everywhere = "0.0.0.0"  # noqa: S104 - the port is free and closes at once
    play(wire, journal_file, scenario, allow_upstream=["example.org:80"], allow_listen=[everywhere])


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


def test_a_lease_is_renewed_by_its_route_and_kept_by_a_change(wire: Any, journal_file: Path) -> None:
    """A driver that dies after a change must not leave its fault for the default time."""

    async def scenario(bench: Any, call: Any) -> None:
        await call("POST", "/proxies", tcp(bench))
        for proxy, kind in (("p", "timeout"), ("openai", "reset_before_headers")):
            toxics = f"/proxies/{proxy}/toxics"
            await call("POST", toxics, {"type": kind, "name": "mine", "lease_s": 5})
            for method, path, body in [
                ("PATCH", "/mine", {"toxicity": 0.5}),
                ("POST", "/mine/lease", ""),
                ("POST", "/mine/lease", {}),
            ]:
                status, told = await call(method, toxics + path, body)
                assert (status, 4 < told["lease_left_s"] <= 5) == (200, True)
            assert 29 < (await call("POST", f"{toxics}/mine/lease", {"lease_s": 30}))[1]["lease_left_s"] <= 30
            assert 7 < (await call("PATCH", f"{toxics}/mine", {"lease_s": 8}))[1]["lease_left_s"] <= 8
            for lease_s in ("none", 0, -1, True, "5"):
                status, told = await call("POST", f"{toxics}/mine/lease", {"lease_s": lease_s})
                assert (status, told["error"][:17]) == (400, "bad request body:")
            assert (await call("POST", f"{toxics}/none/lease"))[0] == 404
            await call("DELETE", f"{toxics}/mine")
            assert (await call("POST", toxics, {"type": kind, "lease_s": "none"}))[1]["lease_left_s"] is None

    play(wire, journal_file, scenario)


def test_reset_ends_the_faults_of_providers_too(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        await call("POST", "/proxies/openai/toxics", {"type": "reset_before_headers"})
        await call("POST", "/proxies/openai", {"enabled": False})
        assert await call("POST", "/reset") == (204, "")
        _, told = await call("GET", "/proxies/openai")
        assert (told["enabled"], told["toxics"]) == (True, [])
        assert await bench.ask(wire.chat_request()) == wire.answer()

    play(wire, journal_file, scenario)


def test_of_two_that_make_the_same_proxy_at_once_one_wins(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        answers = await asyncio.gather(*(call("POST", "/proxies", tcp(bench)) for _ in range(10)))
        assert sorted(status for status, _ in answers) == [201, *[409] * 9]
        (made,) = (told for status, told in answers if status == 201)
        assert (await call("GET", "/proxies/p"))[1] == made
        assert await ask(made["listen"], wire.chat_request(), wire) == wire.answer()

    play(wire, journal_file, scenario)


def test_a_request_that_never_ends_holds_up_no_other(wire: Any, journal_file: Path) -> None:
    async def main() -> None:
        async with controlled(wire, journal_file) as (_, url), aiohttp.ClientSession() as session:
            _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.write(b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
            await writer.drain()
            await asyncio.sleep(0.05)
            limit = aiohttp.ClientTimeout(total=2)
            async with session.post(url + "/reset", timeout=limit) as response:
                assert response.status == 204
            await wire.closed(writer)

    asyncio.run(main())


def test_a_port_that_is_taken_is_a_sentence(wire: Any, journal_file: Path) -> None:
    async def main() -> None:
        async with controlled(wire, journal_file) as (bench, url):
            port = int(url.rpartition(":")[2])
            with pytest.raises(
                OutsideFailed, match=f"^cannot listen on 127.0.0.1:{port}: Address already in use$"
            ) as error:
                await Control(bench.proxy).start("127.0.0.1", port)
            assert error.value.hint == "choose another --control"

    asyncio.run(main())


@pytest.mark.parametrize("key", ["schedul", "scop", "lease", "toxicty"])
def test_a_typing_error_beside_the_keys_of_a_fault_is_a_400_of_toxiproxys_shape(
    wire: Any, journal_file: Path, key: str
) -> None:
    near = {"schedul": "schedule", "scop": "scope", "lease": "lease_s", "toxicty": "toxicity"}[key]

    async def scenario(_bench: Any, call: Any) -> None:
        wrong = {"type": "wrong_model", key: {"first": 1}}
        error = f"bad request body: unknown key {key!r}; did you mean {near!r}?"
        assert await call("POST", "/proxies/openai/toxics", wrong) == (400, {"error": error, "status": 400})
        assert await call("GET", "/proxies/openai/toxics") == (200, [])

    play(wire, journal_file, scenario)


def test_a_tcp_toxic_takes_what_it_does_not_know_with_a_warning(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        await call("POST", "/proxies", tcp(bench))
        asked = {"type": "latency", "attributes": {"latency": 1}, "schedule": {"first": 1}, "toxicty": 0.1}
        assert (await call("POST", "/proxies/p/toxics", asked))[0] == 200
        assert (await call("POST", "/proxies/p/toxics/latency_downstream", {"lease": 1}))[0] == 200
        warnings = [line["reason"] for line in bench.lines("note") if line["what"] == "warning"]
        assert [warning.partition(" has no effect")[0] for warning in warnings] == [
            "the key 'schedule'",
            "the key 'toxicty'",
            "the key 'lease'",
        ]

    play(wire, journal_file, scenario)


def test_a_name_that_no_path_can_hold_is_refused(wire: Any, journal_file: Path) -> None:
    async def scenario(_bench: Any, call: Any) -> None:
        for name in ("a/b", "a\nb", ".."):
            status, told = await call("POST", "/proxies/openai/toxics", {"type": "wrong_model", "name": name})
            assert (status, told["error"].startswith(f"bad request body: {name!r} is no name")) == (400, True)
        await call("POST", "/proxies/openai/toxics", {"type": "wrong_model", "name": "a b"})
        assert await call("DELETE", "/proxies/openai/toxics/a%20b") == (204, "")

    play(wire, journal_file, scenario)


def test_a_lease_is_not_renewed_by_a_typing_error(wire: Any, journal_file: Path) -> None:
    async def scenario(_bench: Any, call: Any) -> None:
        await call("POST", "/proxies/openai/toxics", {"type": "wrong_model", "name": "w", "lease_s": 60})
        status, told = await call("POST", "/proxies/openai/toxics/w/lease", {"lease": 9})
        assert (status, told["error"]) == (400, "bad request body: unknown key 'lease'; did you mean 'lease_s'?")

    play(wire, journal_file, scenario)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /version HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /version HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        (b"garbage\r\n\r\n", b"400"),
        (b"GET /version HTTP/1.0\r\n\r\n", b"200"),  # which knows no Host
        (b"GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b"200"),
    ],
)
def test_what_is_no_http_is_answered_and_the_terminal_stays_quiet(
    wire: Any, journal_file: Path, caplog: pytest.LogCaptureFixture, request_bytes: bytes, status: bytes
) -> None:
    async def main() -> None:
        async with controlled(wire, journal_file) as (_, url):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.write(request_bytes)
            assert (await reader.read(12))[9:] == status
            await wire.closed(writer)

    asyncio.run(main())
    assert caplog.records == []


def test_a_failure_of_ours_is_still_told(wire: Any, journal_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        bench.proxy.providers["broken"] = None
        assert (await call("GET", "/proxies"))[0] == 500
        del bench.proxy.providers["broken"]

    play(wire, journal_file, scenario)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_number_beyond_64_bits_is_a_bad_request_and_leaves_nothing(wire: Any, journal_file: Path) -> None:
    async def scenario(_bench: Any, call: Any) -> None:
        for more in (
            {"attributes": {"retry_after_s": 2**64}},
            {"schedule": {"first": 2**64}},
            {"scope": {"min_request_bytes": 2**64}},
        ):
            status, told = await call("POST", "/proxies/openai/toxics", {"name": "b", "type": LIMIT, **more})
            assert (status, told["error"][:18]) == (400, "bad request body: "), told
        assert (await call("GET", "/proxies/openai/toxics"))[1] == []
        assert (await call("POST", "/proxies/openai/toxics", {"name": "b", "type": LIMIT}))[0] == 200

    play(wire, journal_file, scenario)


def test_what_no_route_takes_is_told_in_toxiproxys_shape_too(wire: Any, journal_file: Path) -> None:
    async def scenario(_bench: Any, call: Any) -> None:
        assert await call("GET", "/nowhere") == (404, {"error": "not found", "status": 404})
        assert await call("PUT", "/proxies") == (405, {"error": "method not allowed", "status": 405})
        status, told = await call("POST", "/populate", data=io.BytesIO(b" " * 2_000_000))
        assert (status, told["status"]) == (413, 413)

    play(wire, journal_file, scenario)


def test_a_body_that_is_no_utf_8_is_a_bad_request(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any, _call: Any) -> None:
        url = f"http://127.0.0.1:{bench.control._runner.addresses[0][1]}/proxies/openai/toxics"
        headers = {"Content-Type": "application/json; charset=of-no-kind"}
        async with aiohttp.ClientSession() as session, session.post(url, data=b'{"\xff": 1}', headers=headers) as got:
            told = await got.json()
        assert told == {"error": "bad request body: it is not UTF-8", "status": 400}

    play(wire, journal_file, scenario)


@pytest.mark.parametrize("name", ["a/b", "..", "x\n", " "])
def test_no_tcp_proxy_or_toxic_has_a_name_that_a_path_cannot_hold(wire: Any, journal_file: Path, name: str) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        for path, body in (
            ("/proxies", tcp(bench, name)),
            ("/populate", [tcp(bench, "good"), tcp(bench, name)]),
            ("/proxies/p/toxics", {"name": name, "type": "latency"}),
        ):
            await call("POST", "/proxies", tcp(bench))
            status, told = await call("POST", path, body)
            assert (status, told["error"].endswith("it stands in a path: no /, no control characters")) == (400, True)
        assert (await call("GET", "/proxies"))[1].keys() == {"openai", "p"}
        assert (await call("GET", "/proxies/p/toxics"))[1] == []

    play(wire, journal_file, scenario)


def test_a_key_that_a_proxy_does_not_know_is_refused_by_a_provider_and_warned_of_by_a_tcp_proxy(
    wire: Any, journal_file: Path
) -> None:
    async def scenario(bench: Any, call: Any) -> None:
        status, told = await call("POST", "/proxies/openai", {"enabeld": False})
        assert (status, told["error"]) == (400, "bad request body: unknown key 'enabeld'; did you mean 'enabled'?")
        whole = {**(await call("GET", "/proxies/openai"))[1], "enabled": True}  # as Toxiproxy's clients send it back
        assert (await call("POST", "/proxies/openai", whole))[0] == 200
        assert (await call("POST", "/proxies", tcp(bench, upstraem="x")))[0] == 201
        assert (await call("PATCH", "/proxies/p", {"enabeld": False}))[0] == 200

    play(wire, journal_file, scenario)
    lines = [json.loads(line) for line in journal_file.read_text().splitlines()]
    warned = [(line["provider"], line["reason"]) for line in lines if line.get("what") == "warning"]
    known = "known: name, listen, upstream, enabled, toxics, lease_s"
    assert warned == [
        ("p", f"the key 'upstraem' has no effect here; {known}"),
        ("p", f"the key 'enabeld' has no effect here; {known}"),
    ]
