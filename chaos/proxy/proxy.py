"""The whole proxy in one process: providers, their listeners, the leases' alarm, and a clean end."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.certificates import Authority
from llmops.chaos.proxy.gate import Gate
from llmops.chaos.proxy.injections import Injections
from llmops.chaos.proxy.journal import Journal, stamp, utc_now
from llmops.chaos.proxy.leases import DEFAULT_LEASE_S, Leases
from llmops.chaos.proxy.listener import Listener
from llmops.chaos.proxy.pool import upstream_tls
from llmops.chaos.proxy.provider import HELD_BYTES, Provider
from llmops.chaos.proxy.reach import Reach
from llmops.chaos.proxy.receipts import NOT_OBSERVABLE, state_receipt
from llmops.chaos.proxy.recorder import Recorder
from llmops.chaos.proxy.records import Records, RecordsHere
from llmops.errors import OutsideFailed

SWEEP_S = 5.0
DRAIN_S = 10.0
ALARM_MAX_S = 3600.0


@dataclass(frozen=True)
class ProviderPlan:
    """One provider as it was asked for."""

    name: str
    address: Address
    port: int = 0
    tls: bool = False
    ca_file: str | None = None
    models: tuple[str, ...] = ()  # known ones; empty: not known


@dataclass(frozen=True)
class ProxyPlan:
    """The whole proxy as it was asked for."""

    providers: tuple[ProviderPlan, ...]
    listen: str = "127.0.0.1"
    seed: int = 0
    tenant_header: str | None = None
    record_bodies: bool = False
    record_apart: bool = False  # wire records are made in a process of their own: the proxy is faster
    held_bytes: int = HELD_BYTES
    default_lease_s: float | None = DEFAULT_LEASE_S
    clock: Callable[[], float] = field(default=time.monotonic)
    now: Callable[[], datetime] = field(default=utc_now)


class Proxy:
    """Start it in a running loop; `close` drains it."""

    def __init__(self, plan: ProxyPlan, journal: Journal) -> None:
        self.plan = plan
        self.journal = journal
        self.leases = Leases(plan.clock, journal, default_s=plan.default_lease_s)
        self.providers: dict[str, Provider] = {}
        self.listeners: dict[str, Listener] = {}
        self._authority: Authority | None = None
        self.records: Records = RecordsHere(journal, bodies=plan.record_bodies)
        self._alarm: asyncio.TimerHandle | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._down: set[str] = set()  # providers
        self.closed = False
        self._drain_until = 0.0

    async def start(self) -> None:
        """Listen. OutsideFailed when a port is taken or an upstream does not resolve."""
        self.journal.batch_on(asyncio.get_running_loop())
        self.leases.on_change = self._set_alarm
        recorder: Recorder | None = None
        if self.plan.record_apart and self.journal.path is not None:
            self.records = recorder = Recorder(self.journal, self.journal.path, bodies=self.plan.record_bodies)
            recorder.start()
        try:
            for plan in self.plan.providers:
                await _check_resolves(plan)
                await self._add(plan)
            if recorder is not None:
                await recorder.ready()
        except BaseException:
            await self.close(drain_s=0)
            raise
        self._sweep_connections()

    async def _add(self, plan: ProviderPlan) -> None:
        whole = self.plan
        injections = Injections(
            plan.name,
            self.leases,
            self.journal,
            clock=whole.clock,
            now=whole.now,
            seed=whole.seed,
            tenant_header=whole.tenant_header,
        )
        provider = Provider(
            plan.name,
            plan.address,
            injections,
            self.journal,
            self.records,
            tls=upstream_tls(plan.ca_file) if plan.address.tls else None,
            held_bytes=whole.held_bytes,
            record_bodies=whole.record_bodies,
        )
        injections.reach = Reach(plan.tls, plan.models, whole.tenant_header)
        gate = Gate(provider, self._authority_for(whole.listen) if plan.tls else None)
        listener = Listener(whole.listen, plan.port, gate.protocol)
        self.providers[plan.name] = provider
        self.listeners[plan.name] = listener
        injections.on_change = self._set_alarm
        await listener.accept()

    def base_url(self, name: str) -> str:
        """What a client puts in place of the provider's address."""
        plan = next(plan for plan in self.plan.providers if plan.name == name)
        scheme = "https" if plan.tls else "http"
        return f"{scheme}://{self.listeners[name].address}{plan.address.path}"

    @property
    def authority_file(self) -> str | None:
        """The certificate of the run's own authority, for clients of the TLS listeners."""
        return None if self._authority is None else str(self._authority.file)

    def _authority_for(self, host: str) -> Authority:
        if self._authority is None:
            self._authority = Authority(host)
        return self._authority

    # --- leases and moments of schedules

    def _set_alarm(self) -> None:
        """Something changed: look at once, and again at the next moment that matters."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None if self.closed else asyncio.get_running_loop().call_soon(self._ring)  # type: ignore[assignment]

    def _ring(self) -> None:
        self._alarm = None
        self.leases.expire()
        for name in self.providers:
            self._set_listening(name)
        moments = [self.leases.next_expiry_s(), *(p.injections.next_moment_s() for p in self.providers.values())]
        left_s = min(moments) - self.plan.clock()
        if left_s < ALARM_MAX_S and not self.closed:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = asyncio.get_running_loop().call_later(max(left_s, 0.001), self._ring)

    async def listening(self, name: str) -> None:
        """Until the listener is what the injections and `enabled` ask for: who is told so may count on it."""
        self._set_listening(name)
        listener = self.listeners[name]
        await (listener.refused() if self._is_refused(name) else listener.accept())

    def _is_refused(self, name: str) -> bool:
        return name in self._down or self.providers[name].injections.refuses_connections()

    def _set_listening(self, name: str) -> None:
        listener = self.listeners[name]
        if self._is_refused(name):
            listener.refuse()
        elif not listener.accepts and not self.closed:
            task = asyncio.get_running_loop().create_task(listener.accept())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # --- enabled and down, as the control API says it

    def is_enabled(self, name: str) -> bool:
        return name not in self._down

    def set_enabled(self, name: str, *, enabled: bool, lease_s: float | None = None) -> None:
        """Down: connections are refused, and those there are end; until it is enabled, or its lease ends."""
        provider = self.providers[name]
        moments = {"at": stamp(self.plan.now())}
        if enabled and name in self._down:
            self._down.discard(name)
            self.leases.end(f"{name}/down")
            self._down_receipt(name, "off", at_to=moments["at"])
        elif not enabled and name not in self._down:
            self._down.add(name)
            self._down_receipt(name, "on", at_from=moments["at"])
            self.leases.grant(f"{name}/down", lease_s, lambda: self.set_enabled(name, enabled=True))
            self.listeners[name].refuse()
            for connection in list(provider.connections):
                connection.transport.abort()
        elif not enabled:
            self.leases.renew(f"{name}/down", lease_s)
        self._set_alarm()

    def _down_receipt(self, name: str, state: str, **moments: str) -> None:
        state_receipt(self.journal, name, "down", "down", state, connections=NOT_OBSERVABLE, **moments)

    def _sweep_connections(self) -> None:
        now = time.monotonic()
        for provider in self.providers.values():
            provider.sweep(now)
        self._sweep = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep_connections)

    # --- the end

    async def close(self, *, drain_s: float = DRAIN_S) -> None:
        """Accept nothing more, let calls finish, end every injection, write the journal out."""
        self.closed = True
        for listener in self.listeners.values():
            await listener.settle()
            listener.close()
        for provider in self.providers.values():
            provider.draining = True
            with contextlib.suppress(OSError):  # of a journal that takes nothing any more: the flush below tells it
                provider.injections.clear("the proxy ended")  # what is under way goes on as the upstream gives it
        await self._drained(drain_s)
        for provider in self.providers.values():
            for connection in list(provider.connections):
                if connection.call is not None:
                    connection.call.ended = "proxy_ended"
                connection.transport.abort()
            provider.pool.close()
        for timer in (self._alarm, self._sweep):
            if timer is not None:
                timer.cancel()
        await asyncio.sleep(0)  # for connection_lost to be called
        await self.records.close()
        if self._authority is not None:
            self._authority.close()
        self.journal.flush()

    def hurry(self) -> None:
        """Wait no longer for calls to finish."""
        self._drain_until = 0.0

    async def _drained(self, drain_s: float) -> None:
        self._drain_until = time.monotonic() + drain_s
        for provider in self.providers.values():
            for connection in list(provider.connections):
                if connection.call is None:
                    connection.transport.close()
        while any(p.connections for p in self.providers.values()) and time.monotonic() < self._drain_until:
            with contextlib.suppress(TimeoutError):
                await asyncio.sleep(0.01)


async def _check_resolves(plan: ProviderPlan) -> None:
    try:
        await asyncio.get_running_loop().getaddrinfo(plan.address.host, plan.address.port)
    except OSError as error:
        raise OutsideFailed(
            f"the upstream of {plan.name} does not resolve: {plan.address.host}: {error.strerror}",
            hint="check the name, and the network",
        ) from error
