"""Damage the compressed body: the client's decoder fails."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.http1 import changed_head, header, without_header
from llmops.chaos.wire.parts import Action, AnswerHead, End, Event, Part, Piece

GZIP_WINDOW = 31  # zlib's number for a gzip wrapper


@dataclass(frozen=True)
class CorruptGzip:
    """Inverts one byte of a gzip body. An answer without coding is compressed first, if its client takes gzip."""

    at_byte: int = 12

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def __post_init__(self) -> None:
        at_least(0, at_byte=self.at_byte)

    def stage(self, context: FaultContext) -> Stage:
        return _Corrupt(context, self.at_byte)


class _Corrupt:
    def __init__(self, context: FaultContext, at_byte: int) -> None:
        self._context = context
        self._at_byte = at_byte
        self._passed = 0
        self._hit = False
        self._off = False
        self._pack: zlib._Compress | None = None

    @property
    def bound(self) -> bool:
        """Whether its head says gzip, so that what follows must be packed."""
        return self._pack is not None

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if isinstance(part, AnswerHead):
            yield self._head(part)
        elif self._off:
            yield part
        elif isinstance(part, End):
            yield from self._damaged(b"" if self._pack is None else self._pack.flush())
            yield part
        else:
            data = part.raw if isinstance(part, Event) else part.data
            yield from self._damaged(data if self._pack is None else self._packed(data))

    def _head(self, head: AnswerHead) -> AnswerHead:
        coding = (header(head.headers, b"content-encoding") or b"").lower()
        if coding == b"gzip":
            return head
        accepted = header(self._context.request.head.headers, b"accept-encoding") or b""
        if coding or b"gzip" not in accepted.lower():
            self._off = True
            self._context.not_applied("the answer is not in gzip, and cannot be put into it for this client")
            return head
        self._pack = zlib.compressobj(wbits=GZIP_WINDOW)
        self._context.note("put the answer into gzip")  # the changed head leaves before any byte of the body
        headers = (*without_header(head.headers, b"content-length"), (b"content-encoding", b"gzip"))
        return changed_head(head, headers=headers)

    def _packed(self, data: bytes) -> bytes:
        assert self._pack is not None  # noqa: S101 - for the type checker; the caller has looked
        return self._pack.compress(data) + self._pack.flush(zlib.Z_SYNC_FLUSH)

    def _damaged(self, data: bytes) -> Iterable[Part | Action]:
        at = self._at_byte - self._passed
        if not (self._hit or self._context.ended) and 0 <= at < len(data):
            self._hit = True
            self._context.note("inverted a byte of the gzip body", at_byte=self._at_byte)
            data = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        self._passed += len(data)
        if data:
            yield Piece(data)
