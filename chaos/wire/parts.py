"""What flows through the proxy: the parts of an answer on their way in, and what is done to the client on its way out.

upstream bytes ─ decoder ─▶ AnswerHead, Piece | Event | Body …, End ─ stages of the faults ─▶ the same, or
Frame | Wait | Fin | Reset ─ encoder ─▶ client
"""

from dataclasses import dataclass, field

Headers = tuple[tuple[bytes, bytes], ...]
"""Names and values as they stand on the wire, in their order; names are compared without case."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The head of a request, as it came."""

    method: bytes
    target: bytes
    headers: Headers
    raw: bytes = b""  # the very bytes, for passing through


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """The head of an answer. While `raw` is set nothing has been changed, and these bytes go out."""

    status: int
    reason: bytes
    headers: Headers
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a body, as they came: of any kind, perhaps compressed, never parsed."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream, decoded, with its line ends and the blank line that closes it."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """A whole body, decoded: an answer that is not a stream."""

    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The answer is complete."""


Part = AnswerHead | Piece | Event | Body | End


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes for the client's socket, framed as HTTP asks."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Let this time pass before what follows."""

    seconds: float
    by: str = field(default="", compare=False)  # the injection that asks for it: it ends with it


@dataclass(frozen=True, slots=True)
class ResetOnReuse(Wait):
    """Wait for the client's next request, and tear the connection down when it comes: a half-open keep-alive.

    The answer at hand goes on; to all that only pass actions on it is a wait of no length.
    """

    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Fin:
    """Close the connection politely, wherever the answer stands."""

    whole: bool = field(default=False, compare=False)  # the answer is: this is its proper end, no cut


@dataclass(frozen=True, slots=True)
class Reset:
    """Tear the connection down with a RST."""


Action = Frame | Wait | Fin | Reset
"""What only the server executes."""
