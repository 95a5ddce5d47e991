"""Probes of faults below HTTP, through the real proxy: what a connection sees while each holds, and without it."""

import asyncio
from pathlib import Path

import pytest

from llmops.chaos.experiments.evidence import Injection
from llmops.chaos.experiments.state_probe import SHOWS, probed, seen
from llmops.chaos.faults.base import faults
from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.injection import Injection as ProxyInjection
from llmops.chaos.proxy.injection import make_fault
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan

PLAIN = ("refused", "accept_then_silence")
WITH_TLS = ("handshake_stall", "expired_certificate", "unknown_authority", "wrong_host")


def test_every_fault_below_http_has_a_look_of_its_own() -> None:
    marks = {"on_accept", "certificate"}  # of the protocols OnAccept and OnHandshake
    below = {name for name in faults.names() if marks & {*vars(faults.get(name))}}
    assert below == set(SHOWS) == {*PLAIN, *WITH_TLS}


async def looks(fault: str, folder: Path) -> tuple[str, bool, str]:
    """What is seen before the fault; whether it is seen to hold, and how."""
    proxy = Proxy(ProxyPlan((ProviderPlan("p", Address("127.0.0.1", 9), tls=fault in WITH_TLS),)), Journal(None))
    await proxy.start()
    try:
        url, authority = proxy.base_url("p"), proxy.authority_file
        before = await seen(url, authority)
        proxy.providers["p"].injections.add(ProxyInjection("it", make_fault(fault, {})), lease_s=60)
        await asyncio.sleep(0.05)  # the listener closes at the loop's next turn
        probe = await probed(Injection("p", "it", fault, below_http=True), url, authority)
        return before, probe.held, probe.saw
    finally:
        await proxy.close(drain_s=0)
        del folder


@pytest.mark.parametrize("fault", [*PLAIN, *WITH_TLS])
def test_a_probe_sees_the_fault_while_it_holds_and_service_without_it(fault: str, tmp_path: Path) -> None:
    before, held, saw = asyncio.run(looks(fault, tmp_path))
    assert before == "served"
    assert held, saw


def test_a_probe_sees_that_a_fault_does_not_hold(tmp_path: Path) -> None:
    async def main() -> None:
        proxy = Proxy(ProxyPlan((ProviderPlan("p", Address("127.0.0.1", 9)),)), Journal(tmp_path / "p.jsonl"))
        await proxy.start()
        probe = await probed(Injection("p", "it", "refused", below_http=True), proxy.base_url("p"), None)
        await proxy.close(drain_s=0)
        proxy.journal.close()
        assert (probe.held, probe.saw) == (False, "served")

    asyncio.run(main())


def test_nobody_listening_is_refused_and_no_certificate_trusted_is_told(tmp_path: Path) -> None:
    async def main() -> str:
        proxy = Proxy(ProxyPlan((ProviderPlan("p", Address("127.0.0.1", 9), tls=True),)), Journal(None))
        await proxy.start()
        try:
            return await seen(proxy.base_url("p"), None)
        finally:
            await proxy.close(drain_s=0)

    assert asyncio.run(main()).startswith("certificate refused")
    del tmp_path
