"""A proxy that a test drives from its own thread: what was done is told by receipts, and all ends with it."""

import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.proxy.config import address_of
from llmops.chaos.proxy.proxy import ProviderPlan, ProxyPlan
from llmops.chaos.testing.bench import Bench
from llmops.chaos.testing.fault_asked import fault_asked
from llmops.chaos.testing.fault_proxy import FaultProxy
from llmops.chaos.testing.in_thread import InThread
from llmops.errors import BadInput, OutsideFailed

Ask = Callable[..., Any]


@pytest.fixture
def proxy(bench: Bench) -> FaultProxy:
    return bench.proxy(bench.provider("openai").base_url)


def test_without_a_fault_it_is_not_there(bench: Bench, ask: Ask) -> None:
    direct = bench.provider("openai", seed=3)
    proxy = bench.proxy(direct.base_url)
    assert proxy.base_url != direct.base_url
    status, body = ask(proxy.base_url)
    assert status == 200
    assert b'"content":"' in body
    assert proxy.requests == 1


def test_the_client_sees_the_damage_and_the_receipt_says_so(proxy: FaultProxy, ask: Ask) -> None:
    injected = proxy.inject(fault_asked("unavailable", schedule={"first": 1}))
    assert (injected.fired, injected.receipts) == (0, [])
    assert [ask(proxy.base_url)[0], ask(proxy.base_url)[0]] == [503, 200]
    assert injected.fired == 1
    assert injected.receipts[0]["status"] == 503
    assert injected.told == "unavailable on provider fired once; 2 requests came by"


def test_a_fault_ends_with_its_block(proxy: FaultProxy, ask: Ask) -> None:
    with proxy.inject(fault_asked("unavailable")) as injected:
        assert ask(proxy.base_url)[0] == 503
        assert ask(proxy.base_url)[0] == 503
    assert ask(proxy.base_url)[0] == 200
    assert injected.fired == 2
    injected.end()  # again is no error: its lease may have ended it too


def test_the_same_fault_twice_is_told_apart(proxy: FaultProxy, ask: Ask) -> None:
    mini = proxy.inject(fault_asked("unavailable", scope={"models": ["gpt-4o-mini"]}))
    other = proxy.inject(fault_asked("unavailable", scope={"models": ["gpt-5"]}))
    assert ask(proxy.base_url, model="gpt-5")[0] == 503
    assert (mini.fired, other.fired) == (0, 1)
    assert (mini.name, other.name) == ("unavailable", "unavailable-2")


def test_a_fault_on_connections_fires_when_one_is_hit_and_not_by_being_on(proxy: FaultProxy, ask: Ask) -> None:
    injected = proxy.inject(fault_asked("refused", schedule={"every": 1}))
    assert injected.receipts[0]["state"] == "on"
    assert injected.fired == 0
    assert isinstance(ask(proxy.base_url), str)
    assert isinstance(ask(proxy.base_url), str)
    assert injected.fired == 2


def test_a_lease_ends_a_fault(bench: Bench, ask: Ask) -> None:
    now_s = [0.0]
    provider = ProviderPlan("p", address_of(bench.provider("openai").base_url))
    with InThread() as thread:
        proxy = FaultProxy(thread, ProxyPlan((provider,), clock=lambda: now_s[0]))
        injected = proxy.inject(fault_asked("unavailable", lease_s=10))
        now_s[0] = 9.9
        assert ask(proxy.base_url)[0] == 503
        now_s[0] = 10.0
        assert ask(proxy.base_url)[0] == 200
        injected.end()
    assert injected.fired == 1


def test_nothing_is_on_when_the_thread_has_ended(bench: Bench) -> None:
    provider = ProviderPlan("p", address_of(bench.provider("openai").base_url))
    with InThread() as thread:
        proxy = FaultProxy(thread, ProxyPlan((provider,)))
        proxy.inject(fault_asked("accept_then_silence"))
        port = int(proxy.base_url.rpartition(":")[2].partition("/")[0])
        waiting = socket.create_connection(("127.0.0.1", port))
    with waiting:
        assert ended(waiting)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()
    assert list(proxy._proxy.providers["p"].injections) == []
    assert proxy._proxy.leases.next_expiry_s() == float("inf")


def ended(connection: socket.socket) -> bool:
    connection.settimeout(10)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_fault_that_its_proxy_refuses_was_never_there(proxy: FaultProxy, ask: Ask) -> None:
    with pytest.raises(BadInput, match="expired_certificate needs a TLS listener"):
        proxy.inject(fault_asked("expired_certificate"))
    assert proxy.injected == []
    assert ask(proxy.base_url)[0] == 200


@pytest.fixture
def tls_proxy(bench: Bench) -> FaultProxy:
    return bench.proxy(bench.provider("openai").base_url, tls=True)


def test_a_tls_client_trusts_the_authority_of_the_proxy(tls_proxy: FaultProxy) -> None:
    trusting = ssl.create_default_context(cafile=tls_proxy.authority_file)
    request = urllib.request.Request(f"{tls_proxy.base_url}/models", headers={"authorization": "Bearer any"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, context=trusting, timeout=10) as answer:  # noqa: S310 - loopback
        assert answer.status == 200
    injected = tls_proxy.inject(fault_asked("unknown_authority"))
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(request, context=trusting, timeout=10)  # noqa: S310 - loopback
    assert injected.fired == 1


@pytest.mark.parametrize("url", ["openai", "ftp://127.0.0.1/v1", "http://key@127.0.0.1/v1"])
def test_what_is_no_base_url_is_refused(bench: Bench, url: str) -> None:
    with pytest.raises(BadInput):
        bench.proxy(url)


def test_an_upstream_without_an_address_is_outside_of_what_we_can_do(bench: Bench) -> None:
    with pytest.raises(OutsideFailed, match="does not resolve"):
        bench.proxy("http://nowhere.invalid/v1")
