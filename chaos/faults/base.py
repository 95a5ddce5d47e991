"""What a fault is: a frozen dataclass whose fields are its configuration, and one or more of these powers.

    Answers    says what the client gets instead of asking the upstream
    Edits      changes the upstream's answer on its way back
    OnAccept   acts on the connection, before any request
    OnHandshake  shapes the TLS handshake of a connection, at a listener that speaks TLS
    Remembers  keeps a state between the requests of one injection
Probability, scope, schedule, lease and seed belong to the proxy; a fault never knows of them.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from llmops.chaos.wire.parts import Action, Part, RequestHead
from llmops.errors import BadInput, nearest_hint
from llmops.registry import Registry

if TYPE_CHECKING:
    from llmops.chaos.wire.dialect import Asked, Dialect

Family = Literal["transport", "http", "stream", "content", "embeddings"]
Holding = Literal["text", "event"]
"""What of a stream an edit of its text holds back: all of the text until it has ended, or one event of it."""
Certificate = Literal["good", "expired", "wrong_host", "unknown_authority"]
Reads = Literal["pieces", "events", "body"]
"""What an editing fault is fed besides head and end: raw pieces as they come; the events of a stream and the whole
body of any other answer; or the whole body only, so that a stream cannot be edited and is reported as not applied."""


RECEIPT_FIELDS = {
    "schema_version", "kind", "at", "run", "provider", "injection", "fault", "call", "request_id", "followed_by",
    "applied", "reason",
}  # fmt: skip
"""What every receipt says of itself; a fault notes what it did under other names."""


@dataclass(frozen=True)
class Request:
    """One request as a fault sees it."""

    head: RequestHead
    body: bytes  # decoded; empty for a route that no dialect knows, whose body is not held
    dialect: "Dialect | None"  # None: an opaque route; only transport and HTTP faults apply
    asked: "Asked | None"

    @property
    def provider(self) -> str | None:
        """Whose errors it gets: openai, azure, anthropic, gemini, bedrock; None where nobody knows the route."""
        from llmops.chaos.wire.dialects import provider_of

        if self.dialect is not None:
            return self.dialect.provider
        return provider_of(self.head.target, self.head.headers)


@dataclass
class FaultContext:
    """What a fault may use for one request; made afresh for each, so that faults stay frozen.

    `noted` collects what was really done, in words and numbers: it becomes the receipt, which the pipeline writes
    before the bytes leave. A fault that finds it cannot apply says so with `not_applied`, and changes nothing.
    """

    request: Request
    rng: Random  # seeded by run, fault and ordinal of the request
    earlier_answers: Sequence[bytes] = ()  # bodies of earlier answers of the same dialect, newest last
    state: Any = None  # of a fault that Remembers: what its `state` made when the injection began
    clock: Callable[[], float] = time.time  # epoch seconds; tests pass their own
    noted: list[dict[str, object]] = field(default_factory=list)
    reason_not_applied: str = ""
    keep_alive: bool = True  # whether the client's connection can carry another request behind this one
    ended: bool = False  # the injection is over: nothing more may be changed, only what was begun be ended lawfully

    def note(self, what: str, **numbers: object) -> None:
        """Confess one change, at once: the client may hang up next. ValueError for a name that receipts have."""
        if taken := RECEIPT_FIELDS & numbers.keys():
            raise ValueError(f"a receipt says {', '.join(sorted(taken))} by itself")
        self.noted.append({"what": what, **numbers})

    def not_applied(self, reason: str) -> None:
        self.reason_not_applied = reason


@runtime_checkable
class Answers(Protocol):
    """Answers by itself; the upstream is never asked.

    A fault that is one of `Edits` too may answer None for a request: then the upstream is asked, and it edits.
    """

    def answer(self, context: FaultContext) -> Iterable[Part | Action] | None: ...


class Stage(Protocol):
    """The state of an editing fault for one answer: fed part by part, it gives what goes on instead."""

    def feed(self, part: Part) -> Iterable[Part | Action]: ...


@runtime_checkable
class Holds(Protocol):
    """A stage that holds parts back, and gives them as they came: the upstream was lost, or the injection has ended."""

    def let_go(self) -> Iterable[Part]: ...


@runtime_checkable
class Binds(Protocol):
    """A stage that may have changed what the rest of the answer must keep to, such as its coding or its framing.

    While it is `bound` it is fed to the end of the answer, also when its injection is over; all others are passed by.
    """

    @property
    def bound(self) -> bool: ...


@runtime_checkable
class Edits(Protocol):
    """Changes the upstream's answer."""

    reads: ClassVar[Reads]

    def stage(self, context: FaultContext) -> Stage: ...


@runtime_checkable
class OnAccept(Protocol):
    """Acts when a connection is accepted, before any byte of it is read; takes time, count and probability only."""

    def on_accept(self, rng: Random) -> Iterable[Action]: ...


@runtime_checkable
class OnHandshake(Protocol):
    """Gives a wrong certificate in the TLS handshake; takes time, count and probability only."""

    certificate: ClassVar[Certificate]


@runtime_checkable
class Remembers(Protocol):
    """Keeps a state outside its frozen self: made once an injection, given to each request as `context.state`."""

    def state(self, clock: Callable[[], float]) -> object: ...


class Fault(Protocol):
    """What all faults have; the fields of the dataclass are checked in `__post_init__` with a BadInput.

    A fault may have besides, for the listing: `choices`, the values that a field of text may take, by field; `example`,
    parameters that show it; and `holds`, what of a stream it holds back.
    """

    family: ClassVar[Family]


def require(holds: bool, message: str, *, hint: str = "") -> None:
    """For `__post_init__`: BadInput, with the message, unless it holds."""
    if not holds:
        raise BadInput(message, hint=hint)


def require_one_of(name: str, value: object, known: Iterable[object]) -> None:
    """BadInput, with the nearest name as the hint, where the value is none of the known."""
    choices = list(known)
    words = list(map(str, choices))
    near = nearest_hint(str(value), words)
    hint = "" if near.startswith("known:") else near  # the message names them all already
    require(value in choices, f"{name} is {value!r}, and must be one of {', '.join(words)}", hint=hint)


faults: Registry[Fault] = Registry("fault", "llmops.chaos.faults", listed_by="llmops chaos faults")
