"""One request on its way through the proxy: what its wire record will be made of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmops.chaos.proxy.http1 import ScannedHead

if TYPE_CHECKING:
    from llmops.chaos.proxy.pipeline import Exchange
    from llmops.chaos.wire.dialect import Asked, Dialect

KEPT_ANSWER_BYTES = 8 * 1024 * 1024  # of an answer kept for its record; of a longer one only sizes are recorded


class Call:
    """One request and what became of it. Plain attributes: it is made once a request on the hot path."""

    __slots__ = (
        "answer_bytes", "answer_head", "asked", "body", "client", "client_bytes", "client_ended",
        "client_pieces", "client_status", "dialect", "ended", "exchange", "faults",
        "first_byte_at", "head", "note", "number", "outgoing", "pieces", "request_bytes", "retried",
        "sent_interim", "stamps",
        "started_at", "started_s", "status", "unkept_bytes",
    )  # fmt: skip

    def __init__(self, head: ScannedHead, dialect: "Dialect | None", started_s: float, started_at: float) -> None:
        self.number = 0  # of its provider, in this run
        self.client = ""  # the address it came from
        self.head = head
        self.dialect = dialect
        self.body: bytes | None = b""  # None: streamed through, not held
        self.request_bytes = 0
        self.started_s = started_s  # on the monotonic clock
        self.started_at = started_at  # epoch seconds
        self.first_byte_at = 0.0
        self.answer_head = b""  # raw; grows until it is whole
        self.status = 0
        self.pieces: list[bytes] = []  # the answer's body, de-chunked, as it came
        self.stamps: list[tuple[int, float]] = []  # after how many pieces, at what time
        self.answer_bytes = 0  # as they came: with head and framing
        self.unkept_bytes = 0  # of the answer's body, beyond `pieces`; -1: nobody could read where the body is
        self.asked: Asked | None = None
        self.client_status = 0  # what faults made of it; without faults it is the upstream's
        self.client_bytes = 0
        self.client_ended = ""  # closed or reset, where a fault ended the connection
        self.client_pieces: list[bytes] = []  # what was sent to the client, kept where bodies are recorded
        self.exchange: Exchange | None = None
        self.faults: Sequence[str] = ()  # names of the injections that matched; at the end, of those that did something
        self.outgoing: list[bytes] | None = None  # what was sent upstream, until its answer begins
        self.retried = False
        self.sent_interim = False  # we said 100 Continue ourselves
        self.ended = ""  # complete, client_gone, proxy_ended, fault, upstream_{reset,closed,unreachable}
        self.note = ""
