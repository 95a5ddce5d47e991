"""One request on its way through the proxy: what its wire record will be made of."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmops.chaos.proxy.http1 import ScannedHead

if TYPE_CHECKING:
    from llmops.chaos.proxy.pipeline import Exchange
    from llmops.chaos.wire.dialect import Asked, Dialect

KEPT_ANSWER_BYTES = 8 * 1024 * 1024  # of an answer kept for its record; of a longer one only sizes are recorded


class Call:
    """One request and what became of it. Plain attributes: it is made once a request on the hot path."""

    # What most requests never set stands here: to set it for each would cost a microsecond.
    client = ""  # the address it came from
    attempt: "dict[str, object] | None" = None
    request_bytes = 0
    first_byte_at = 0.0
    answer_head = b""  # raw; grows until it is whole
    status = 0
    answer_bytes = 0
    asked: "Asked | None" = None
    client_status = 0  # what faults made of it; without faults it is the upstream's
    client_bytes = 0
    exchange: "Exchange | None" = None
    faults: Sequence[str] = ()  # names of the injections that matched
    outgoing: "list[bytes] | None" = None  # what was sent upstream, until its answer begins
    retried = False
    sent_interim = False  # we said 100 Continue ourselves
    ended = ""  # complete, client_gone, upstream_reset, upstream_closed, upstream_unreachable, fault
    note = ""

    def __init__(self, number: int, head: ScannedHead, dialect: "Dialect | None", started_s: float) -> None:
        self.number = number  # of its provider, in this run
        self.head = head
        self.dialect = dialect
        self.body: bytes | None = b""  # None: streamed through, not held
        self.started_s = started_s  # on the monotonic clock
        self.started_at = time.time()  # epoch seconds
        self.pieces: list[bytes] = []  # the answer's body, de-chunked, as it came
        self.stamps: list[tuple[int, float]] = []  # after how many pieces, at what time
