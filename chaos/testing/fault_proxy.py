"""A fault proxy in front of one base URL: run in a thread, broken from another, and what became of each fault."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import Proxy, ProxyPlan
from llmops.chaos.testing.fault_asked import FaultAsked
from llmops.chaos.testing.in_thread import InThread

Receipt = Mapping[str, Any]


class FaultProxy:
    """Give `base_url` to the client in place of the provider's. A TLS client must trust `authority_file`."""

    def __init__(self, thread: InThread, plan: ProxyPlan) -> None:
        self._thread = thread
        journal = Journal(None)
        journal.listeners.append(self._hear)
        self._proxy = thread.enter(_serving(plan, journal))
        self.name = plan.providers[0].name
        self.base_url = self._proxy.base_url(self.name)
        self.authority_file = self._proxy.authority_file
        self.injected: list[Injected] = []

    @property
    def requests(self) -> int:
        """How many have come so far, those that a fault answered among them."""
        return self._proxy.providers[self.name].started

    def inject(self, asked: FaultAsked) -> "Injected":
        """On, until its `end`, its lease, or the end of the proxy. BadInput where it could never fire."""
        times = sum(each.asked.type_name == asked.type_name for each in self.injected)
        injected = Injected(self, asked, f"{asked.type_name}-{times + 1}" if times else asked.type_name)
        self.injected.append(injected)  # before it is on: its first receipt comes from the other thread
        injections, injection = self._proxy.providers[self.name].injections, asked.injection(injected.name)
        try:
            self._thread.call(lambda: injections.add(injection, lease_s=asked.lease_s))
        except BaseException:
            self.injected.remove(injected)
            raise
        return injected

    def remove(self, injected: "Injected") -> None:
        injections = self._proxy.providers[self.name].injections

        def removed() -> None:
            if injected.name in {each.name for each in injections}:
                injections.remove(injected.name)

        self._thread.call(removed)

    def _hear(self, line: Mapping[str, Any]) -> None:
        """Every line of the journal but wire records, in the proxy's thread."""
        if line["kind"] == "receipt":
            for injected in self.injected:
                if injected.name == line["injection"]:
                    injected.receipts.append(line)


class Injected:
    """A fault that is on at a proxy; as a context it ends with its block."""

    def __init__(self, proxy: FaultProxy, asked: FaultAsked, name: str) -> None:
        self.proxy, self.asked, self.name = proxy, asked, name
        self.receipts: list[Receipt] = []  # as in the journal, also of requests that it did nothing to

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Off, if its lease has not ended it before."""
        self.proxy.remove(self)

    @property
    def fired(self) -> int:
        """How many requests it changed, or connections."""
        return len({receipt.get("call", id(receipt)) for receipt in self.receipts if _tells_of_damage(receipt)})

    @property
    def told(self) -> str:
        """What became of it, in a sentence."""
        came = self.proxy.requests
        requests = f"{came or 'no'} {'requests' if came > 1 else 'request'} came by"
        if self.fired:
            times = "once" if self.fired == 1 else f"{self.fired} times"
            return f"{self.name} on {self.proxy.name} fired {times}; {requests}"
        reason = next((f": {receipt['reason']}" for receipt in self.receipts if receipt.get("reason")), "")
        return f"{self.name} on {self.proxy.name} never fired: {requests}{reason}"


def _tells_of_damage(receipt: Receipt) -> bool:
    """Below HTTP, a fault that is merely on says `applied` too."""
    return bool(receipt["applied"]) and receipt.get("state", "hit") == "hit"


@asynccontextmanager
async def _serving(plan: ProxyPlan, journal: Journal) -> AsyncIterator[Proxy]:
    proxy = Proxy(plan, journal)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close(drain_s=0)  # what the test left open has nobody to wait for it
        journal.close()
