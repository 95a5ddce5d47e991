"""What a run leaves behind, as its judges read it: plain frozen data, no clock, no files, no sockets.

All times are epoch seconds. None is unknown, which is never zero. Attempts are as the system under test saw them:
behind the fault, not before it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from llmops.chaos.experiments.redaction import redactor
from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.ports import PriceOf

PhaseKind = Literal["baseline", "inject", "recover"]
TransportError = Literal["", "connect", "reset", "closed_early", "timeout", "tls", "protocol", "cancelled"]
"""How the caller's connection failed; empty where it did not. `closed_early` is an end before the framing promised it
(no last chunk, a short body), `timeout` is the load giving up at its deadline, `protocol` is bytes that are no HTTP,
`cancelled` is a run that was stopped."""


@dataclass(frozen=True)
class Injection:
    """A fault that a phase planned, and when the proxy had it."""

    provider: str
    name: str  # the injection's, as receipts carry it
    fault: str
    below_http: bool  # acts on connections: it has fired when its state held, not when a request was hit
    schedule: Schedule = field(default_factory=Schedule)
    scope: Scope = field(default_factory=Scope)
    on_at: float | None = None  # as read back from the proxy; None: it was never on
    off_at: float | None = None


@dataclass(frozen=True)
class Phase:
    """A stretch of the timeline, in one repetition of the experiment."""

    name: str
    kind: PhaseKind
    began_at: float
    ended_at: float
    planned_requests: int
    repetition: int = 1
    injections: tuple[Injection, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """What a proxy says that a fault did: to a request (`call`), or as a state (`state`) below HTTP."""

    provider: str
    injection: str
    fault: str
    applied: bool
    at: float
    call: int | None = None
    request_id: str | None = None
    reason: str = ""  # why it was not applied
    state: Literal["on", "hit", "off"] | None = None
    connections: int | None = None  # None: not observable
    details: Mapping[str, Any] = field(default_factory=dict)  # what the fault notes of itself, such as `retry_after_s`


@dataclass(frozen=True)
class ProxyCount:
    """What a proxy says, when an injection ends, of how many requests it hit, and did something to."""

    provider: str
    injection: str
    hit: int
    applied: int


@dataclass(frozen=True)
class Attempt:
    """One inference request that reached a provider's proxy."""

    provider: str
    call: int  # joins wire record and receipts of one provider in one proxy's life
    started_at: float
    ended_at: float
    route: str
    dialect: str | None = None
    request_id: str | None = None
    followed_by: Literal["header", "marker", "messages_hash"] | None = None
    ordinal: int | None = None  # among the attempts of the same identity at this proxy, from 1
    model_asked: str | None = None
    model_answered: str | None = None  # as the system was told it, so behind a `wrong_model`
    model_served: str | None = None  # as the upstream said it: what is billed
    stream: bool | None = None
    request_bytes: int = 0
    status: int | None = None  # what the system got; None: no head
    upstream_status: int | None = None
    ended: str = ""  # complete, client_gone, upstream_reset, upstream_closed, upstream_unreachable, fault
    complete: bool = False  # the upstream's terminal mark was seen; a fault may have cut it behind
    finish_reason: str | None = None
    error_type: str | None = None
    text_characters: int | None = None
    text_hash: str | None = None  # of the visible text that the upstream sent, without white space around it
    text_head_hashes: tuple[str, ...] = ()  # of its beginnings
    input_uncached_tokens: int | None = None  # disjoint classes, whatever the dialect counts
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    ttft_s: float | None = None
    retry_after_s: float | None = None  # what a refusal told to wait; None: nothing, or nothing that can be read
    receipts: tuple[Receipt, ...] = ()  # the applied ones

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of the faults that were applied to it."""
        return tuple(receipt.fault for receipt in self.receipts)


@dataclass(frozen=True)
class UserRequest:
    """One request of the load as its sender saw it, and what it caused at the providers."""

    id: str
    phase: str
    scheduled_at: float
    sent_at: float
    ended_at: float | None  # None: the sender never saw an end
    deadline_s: float  # from `sent_at`: past it the request hangs
    dialect: str  # a name in chaos/wire/dialects.py
    path: str
    body: bytes = field(repr=False)  # as it was sent; never printed
    stream: bool
    repetition: int = 1
    model_asked: str | None = None
    tenant: str | None = None
    status: int | None = None  # None: no head came
    content_type: str | None = None
    answer_bytes: int = 0  # of the body, as they came
    answer_body: bytes | None = field(default=None, repr=False)  # decoded, for validators; None: not kept
    transport_error: TransportError = ""
    error_type: str | None = None  # of an error object in the body, or of an error event in the stream
    error_event: bool = False  # that error came as the dialect's error event, which its SDK raises
    unreadable: bool = False  # a body or an event that is not the dialect's JSON
    text: str = field(default="", repr=False)
    refusal: str = field(default="", repr=False)  # said by the dialect's own means
    tool_arguments: tuple[str, ...] = field(default=(), repr=False)
    finish_reason: str | None = None
    terminated: bool = False  # the terminal mark of the protocol was seen
    model_answered: str | None = None
    input_tokens: int | None = None  # as the caller was told
    output_tokens: int | None = None
    output_reasoning_tokens: int | None = None  # part of output_tokens, and seen by nobody
    first_token_at: float | None = None  # the first visible piece
    piece_times: tuple[float, ...] = ()  # of all visible pieces
    truth: str | None = field(default=None, repr=False)  # the whole true answer, where the provider is simulated
    attempts: tuple[Attempt, ...] = ()  # by `started_at`; `follow` fills them


@dataclass(frozen=True)
class StateProbe:
    """A connection of the runner's own, that looked whether a fault below HTTP holds."""

    provider: str
    injection: str
    at: float
    held: bool
    saw: str = ""  # refused, accepted, reset …


ATTEMPTS_BUDGET = 10
"""Attempts of one user request that are no storm, unless the experiment says so itself: what llmock 0.2.2 allows."""


@dataclass(frozen=True)
class Evidence:
    """All that a scenario is judged by."""

    scenario: str
    providers: tuple[str, ...]  # the preferred one first
    allowed_models: frozenset[
        str
    ]  # which may answer, by the names that providers give them; a dated name is allowed too
    phases: tuple[Phase, ...]
    requests: tuple[UserRequest, ...]
    receipts: tuple[Receipt, ...] = ()
    proxy_counts: tuple[ProxyCount, ...] = ()  # beside the receipts: both must say the same
    unattributed: tuple[Attempt, ...] = ()  # inference at a provider that no user request is known to have caused
    probes: tuple[Attempt, ...] = ()  # what is no inference, such as `GET /v1/models`
    state_probes: tuple[StateProbe, ...] = ()
    attempts_budget: int = ATTEMPTS_BUDGET  # the verdict puts that of an `attempts` expectation here
    key_given: bool = False  # the load sent one that the experiment names
    redact: Callable[[str], str] = field(default=redactor(()), repr=False, compare=False)  # of what the system says
    price_of: PriceOf | None = None  # None: cost is not measured
    broke_off: str = ""  # why the run ended before its end: never ready, aborted, interrupted; redacted
    system_ended: str = ""  # how a system that the run started ended by itself, in which phase, with its last words
    notes: tuple[str, ...] = ()
