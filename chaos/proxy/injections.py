"""The faults that are active on one provider: which request or connection is hit, and by what dice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from llmops.chaos.faults.base import (
    Answers,
    Certificate,
    Edits,
    FaultContext,
    OnAccept,
    OnHandshake,
    Remembers,
    Request,
)
from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.earlier_answers import EarlierAnswers
from llmops.chaos.proxy.injection import Injection, configured, is_below_http
from llmops.chaos.proxy.journal import Journal, stamp
from llmops.chaos.proxy.leases import Leases, check_ttl
from llmops.chaos.proxy.pipeline import Exchange, Matched, ReceiptOf
from llmops.chaos.proxy.reach import Reach
from llmops.chaos.proxy.receipts import NOT_OBSERVABLE, fault_name, receipts_of, request_receipt, state_receipt
from llmops.chaos.proxy.schedule import Subject
from llmops.chaos.proxy.wire_record import asked_of, decoded_request
from llmops.chaos.wire.parts import Action, RequestHead
from llmops.errors import BadInput, UnknownName, nearest_hint
from llmops.randomness import stream


@dataclass
class _Active:
    injection: Injection
    began_s: float
    began_at: datetime
    state: Any = None
    seen: int = 0  # requests in scope, or connections
    hit: int = 0
    applied: int = 0  # of those that were hit: to whom it did something


class Injections:
    """The active injections of one provider. Clock, seed and journal are passed in."""

    def __init__(  # noqa: PLR0913 - each is given by name
        self,
        provider: str,
        leases: Leases,
        journal: Journal,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        seed: int = 0,
        tenant_header: str | None = None,
    ) -> None:
        self.provider = provider
        self._leases = leases
        self._journal = journal
        self._clock = clock
        self._now = now
        self.seed = seed
        self._tenant_header = None if tenant_header is None else tenant_header.lower().encode()
        self._all: dict[str, _Active] = {}
        self._earlier = EarlierAnswers()
        self._exchanges: dict[int, Exchange] = {}  # by number of the call, until it is over
        self.on_change: Callable[[], None] = lambda: None
        self.on_end: Callable[[str], None] = lambda _name: None
        self.reach = Reach()
        self.active = False  # any that acts on requests: looked at on the hot path
        self.on_accept_active = False  # any that acts on connections

    # --- the table

    def add(self, injection: Injection, *, lease_s: float | None) -> None:
        """Begin it. BadInput when the name is taken, or where it could never fire; what has no receipt is not on."""
        if injection.name in self._all:
            raise BadInput(
                f"an injection {injection.name!r} is active already", hint="remove it first, or name another"
            )
        self.reach.check(injection)
        fault = injection.fault
        state = fault.state(lambda: self._now().timestamp()) if isinstance(fault, Remembers) else None
        active = _Active(injection, self._clock(), self._now(), state)
        self._leases.grant(
            self._lease_name(injection.name), lease_s, lambda: self._drop(injection.name, "lease expired")
        )
        try:
            self._tell_on(active)
        except BaseException:
            self._leases.end(self._lease_name(injection.name))
            raise
        self._all[injection.name] = active
        self._changed()

    def _tell_on(self, active: _Active) -> None:
        injection = active.injection
        if is_below_http(injection.fault):
            self._state(active, "on", at_from=stamp(active.began_at), **configured(injection))
        else:
            self._journal.write(
                "note", what="injection on", provider=self.provider, injection=injection.name,
                fault=fault_name(injection.fault), **configured(injection),
            )  # fmt: skip

    def replace(self, injection: Injection, *, lease_s: float | None) -> None:
        """Begin it in the place of the one of its name. UnknownName, or BadInput; then the old one goes on."""
        self._found(injection.name)
        self.reach.check(injection)
        check_ttl(lease_s)
        self.remove(injection.name)
        self.add(injection, lease_s=lease_s)

    def renew(self, name: str, lease_s: float | None = None) -> None:
        """Renew its lease. UnknownName when it is not active."""
        self._found(name)
        self._leases.renew(self._lease_name(name), lease_s)

    def remove(self, name: str, why: str = "removed") -> None:
        """End it. UnknownName when it is not active."""
        self._found(name)
        self._leases.end(self._lease_name(name))
        self._drop(name, why)

    def clear(self, why: str = "removed") -> None:
        for name in list(self._all):
            self.remove(name, why)

    def __iter__(self) -> Iterator[Injection]:
        return iter([active.injection for active in self._all.values()])

    def counts(self, name: str) -> tuple[int, int]:
        """How many requests (or connections) in scope it saw, and how many it hit. UnknownName."""
        active = self._found(name)
        return active.seen, active.hit

    def applied(self, name: str) -> int:
        """To how many of those that were hit it did something, so far. UnknownName."""
        active = self._found(name)
        return active.hit if is_below_http(active.injection.fault) else active.applied

    def lease_s(self, name: str) -> float | None:
        return self._leases.ttl_s(self._lease_name(name))

    def lease_left_s(self, name: str) -> float | None:
        return self._leases.left_s(self._lease_name(name))

    def _found(self, name: str) -> _Active:
        if name not in self._all:
            raise UnknownName(f"no injection is named {name!r}", hint=nearest_hint(name, self._all))
        return self._all[name]

    def _lease_name(self, name: str) -> str:
        return f"{self.provider}/{name}"

    def _drop(self, name: str, why: str) -> None:
        active = self._all.pop(name, None)
        if active is None:
            return
        injection = active.injection
        self.on_end(name)  # the last receipts of answers under way come before its end is told
        if is_below_http(injection.fault):
            moments = {"at_from": stamp(active.began_at), "at_to": stamp(self._now())}
            self._state(active, "off", why=why, **moments)
        else:
            self._journal.write(
                "note", what="injection off", why=why, provider=self.provider, injection=name,
                fault=fault_name(injection.fault), requests_in_scope=active.seen, requests_hit=active.hit,
                requests_applied=active.applied,
            )  # fmt: skip
        self._changed()

    def _state(self, active: _Active, state: str, **more: object) -> None:
        connections = NOT_OBSERVABLE if self._not_observable(active.injection) else active.hit
        fault = fault_name(active.injection.fault)
        name = active.injection.name
        state_receipt(self._journal, self.provider, name, fault, state, connections=connections, **more)

    def _changed(self) -> None:
        on_connections = [is_below_http(active.injection.fault) for active in self._all.values()]
        self.active = not all(on_connections)
        self.on_accept_active = any(on_connections)
        self.on_change()

    # --- requests

    def exchange(self, call: Call, *, keep_alive: bool) -> Exchange | None:
        """The exchange of a request that is hit; None: it passes, and nobody looks at its answer."""
        self._leases.expire()
        matched = [
            hit
            for active in list(self._all.values())
            if (hit := self._matched(active, call, keep_alive=keep_alive)) is not None
        ]
        if not matched:
            return None
        call.faults = [hit.name for hit in matched]
        receipt = self._counting(receipts_of(call, self.provider, self._journal))
        exchange = Exchange(matched[0].context.request, matched, receipt, keep_alive=keep_alive)
        self._exchanges[call.number] = exchange
        return exchange

    def _counting(self, receipt: ReceiptOf) -> ReceiptOf:
        """Each request once, however many receipts one fault writes for it."""
        left = dict(self._all)

        def write(matched: Matched, details: dict[str, object]) -> None:
            receipt(matched, details)
            if details.get("applied") and (active := left.pop(matched.name, None)) is not None:
                active.applied += 1

        return write

    def _matched(self, active: _Active, call: Call, *, keep_alive: bool) -> Matched | None:
        injection = active.injection
        fault = injection.fault
        if not isinstance(fault, Answers | Edits):
            return None
        subject = self._subject(call, injection.schedule.sticky)
        if not injection.scope.allows(subject):
            return None
        elapsed_s = self._clock() - active.began_s
        if not injection.schedule.is_open(elapsed_s):
            return None
        active.seen += 1
        label = f"{self.provider}:{injection.name}"
        if not injection.schedule.hits(active.seen, elapsed_s, seed=self.seed, label=label, key=subject.sticky_key):
            return None
        active.hit += 1
        rng = stream(self.seed, f"{label}:{active.seen}")
        earlier = self._earlier.before(call)
        context = FaultContext(
            _request(call), rng, earlier, active.state, lambda: self._now().timestamp(), keep_alive=keep_alive
        )
        return Matched(injection.name, fault, context)

    def _subject(self, call: Call, sticky: str | None) -> Subject:
        asked = asked_of(call)
        head = call.head
        tenant = None if self._tenant_header is None else head.value(self._tenant_header)
        key = call.client if sticky == "client" else _text(head.value(sticky.lower().encode())) if sticky else None
        return Subject(
            path=head.target.partition(b"?")[0].decode("latin-1"),
            dialect=None if call.dialect is None else call.dialect.name,
            model=None if asked is None else asked.model,
            tenant=_text(tenant),
            stream=None if asked is None else asked.stream,
            request_bytes=call.request_bytes,
            sticky_key=key,
        )

    def answered(self, call: Call) -> None:
        """A call is over: no fault that was chosen for it stays unsaid; a good answer is kept for `stale_answer`."""
        if self._exchanges and (exchange := self._exchanges.pop(call.number, None)) is not None:
            exchange.unfinished(_why_untouched(call))
        whole = call.ended == "complete" and call.status == 200  # noqa: PLR2004 - OK
        if whole and call.pieces:
            self._earlier.remember(call)

    def reset_on_reuse(self, call: Call, names: Sequence[str], left_by_call: int) -> None:
        """The receipts of a request that meets the reset which these injections left on its connection."""
        call.faults = list(names)
        for name in names:
            details = {"applied": True, "what": "reset: the connection was used again", "left_by_call": left_by_call}
            request_receipt(self._journal, self.provider, name, self._all[name].injection.fault, call, details)

    def of_fault(self, fault: str, names: Sequence[str]) -> list[str]:
        """Which of these injections are of that fault, and still on."""
        return [name for name in names if name in self._all and fault_name(self._all[name].injection.fault) == fault]

    # --- connections

    def accept_actions(self) -> tuple[str, Iterator[Action]] | None:
        """What happens to a connection that has just been accepted, and by which injection; None: nothing."""
        self._leases.expire()
        for active in list(self._all.values()):
            fault = active.injection.fault
            if isinstance(fault, OnAccept) and self._hits_connection(active):
                rng = stream(self.seed, f"{self.provider}:{active.injection.name}:{active.seen}")
                self._state(active, "hit")
                return active.injection.name, iter(fault.on_accept(rng))
        return None

    def certificate(self) -> Certificate:
        """What the next TLS handshake shows."""
        self._leases.expire()
        for active in list(self._all.values()):
            fault = active.injection.fault
            if isinstance(fault, OnHandshake) and self._hits_connection(active):
                self._state(active, "hit")
                return fault.certificate
        return "good"

    def _hits_connection(self, active: _Active) -> bool:
        elapsed_s = self._clock() - active.began_s
        schedule = active.injection.schedule
        if not schedule.is_open(elapsed_s):
            return False
        active.seen += 1
        label = f"{self.provider}:{active.injection.name}"
        if schedule.hits(active.seen, elapsed_s, seed=self.seed, label=label):
            active.hit += 1
            return True
        return False

    def refuses_connections(self) -> bool:
        """Whether the listener must not listen now."""
        return any(
            self._not_observable(active.injection) and active.injection.schedule.is_open(self._clock() - active.began_s)
            for active in self._all.values()
        )

    def next_moment_s(self) -> float:
        """When a schedule of a fault on connections opens or closes next, on the clock; infinity when none does."""
        moments = (
            active.began_s + moment
            for active in self._all.values()
            if (moment := active.injection.schedule.next_moment_s(self._clock() - active.began_s)) is not None
        )
        return min(moments, default=float("inf"))

    @staticmethod
    def _not_observable(injection: Injection) -> bool:
        """Refused by the system itself: nobody sees who knocked."""
        return bool(getattr(injection.fault, "stops_listening", False)) and injection.schedule.is_always


def _why_untouched(call: Call) -> str:
    """Why a fault did nothing to a call that is over, where it gave no reason itself."""
    if call.ended == "client_gone":
        return "the client left before the fault had done anything"
    if call.ended != "complete":
        return "the call ended before the fault found anything to change"
    if call.status == 101:  # noqa: PLR2004 - Switching Protocols
        return "the connection switched protocols"
    return call.note or "the answer is none that can be changed"


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _request(call: Call) -> Request:
    raw = call.head.raw
    pairs = (line.partition(b":") for line in raw[:-4].split(b"\r\n")[1:])
    headers = tuple((name, value.strip(b" \t")) for name, _, value in pairs)
    head = RequestHead(call.head.method, call.head.target, headers, raw)
    return Request(head, decoded_request(call), call.dialect, call.asked)
