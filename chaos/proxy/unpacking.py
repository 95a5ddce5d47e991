"""From the bytes of an upstream's answer to the parts that editing faults read, and back into coded bytes."""

from collections.abc import Iterable, Iterator
from itertools import chain

from llmops.chaos.proxy.coding import Decoder, Encoder, decoder, encoder
from llmops.chaos.wire import sse
from llmops.chaos.wire.http1 import changed_head, header, is_chunked, is_stream, with_header
from llmops.chaos.wire.parts import Action, AnswerHead, Body, End, Event, Part, Piece

HELD_BYTES = 64 * 1024 * 1024  # of one answer held for an edit; a longer one passes unchanged


def content_coding(head: AnswerHead) -> bytes | None:
    """The Content-Encoding; several lines of it are one list, as HTTP says."""
    values = [value for name, value in head.headers if name.lower() == b"content-encoding"]
    return b", ".join(values) if values else None


class LiveEvents:
    """A stream whose events are edited as they come by."""

    def __init__(self, head: AnswerHead) -> None:
        self._decoder: Decoder = decoder(content_coding(head))
        self._splitter = sse.Splitter()

    def feed(self, data: bytes) -> Iterator[Part]:
        """The events that are complete. CannotDecodeError where the coding is damaged."""
        for raw in self._splitter.feed(self._decoder.feed(data)):
            yield Event(raw)

    def end(self) -> Iterator[Part]:
        """What followed the last blank line."""
        if self._splitter.rest:
            yield Event(self._splitter.rest)


class Held:
    """An answer that is held until it is whole: a body, or a stream whose length its head has promised."""

    def __init__(self, head: AnswerHead) -> None:
        self._head = head
        self._pieces: list[bytes] = []
        self.size_bytes = 0
        decoder(content_coding(head))  # an unknown coding is found out before anything is held

    @property
    def raw(self) -> bytes:
        """The bytes as they came."""
        return b"".join(self._pieces)

    def feed(self, data: bytes) -> None:
        """Keep these bytes; `size_bytes` counts them."""
        self._pieces.append(data)
        self.size_bytes += len(data)

    def parts(self) -> list[Part]:
        """The whole answer decoded. CannotDecodeError where its coding is damaged, cut or a bomb."""
        unpack = decoder(content_coding(self._head))
        data = unpack.feed(self.raw)
        unpack.finish()
        if is_stream(self._head):
            return [Event(raw) for raw in sse.split_all(data)]
        return [Body(data)]


class Packing:
    """Edited parts back into coded pieces, by the coding that their own head names."""

    def __init__(self) -> None:
        self._encoder: Encoder = encoder(None)
        self._coded = False

    def feed(self, part: Part | Action) -> Iterator[Part | Action]:
        """The part as it can be sent; a body of its own making with a plain head keeps its kind, to be measured."""
        if isinstance(part, AnswerHead):
            coding = content_coding(part)
            self._encoder, self._coded = encoder(coding), coding not in {None, b"identity"}
            yield part
        elif isinstance(part, Event):
            yield Piece(self._encoder.feed(part.raw))
        elif isinstance(part, Body) and self._coded:
            yield Piece(self._encoder.feed(part.data))
        elif isinstance(part, End):
            if last := self._encoder.finish():
                yield Piece(last)
            yield part
        else:
            yield part


def packed_whole(outputs: Iterable[Part | Action]) -> list[Part | Action]:
    """A held answer after its edits, coded, its Content-Length made true."""
    packing = Packing()
    packed = list(chain.from_iterable(map(packing.feed, _to_end(outputs))))
    length = sum(len(part.data) for part in packed if isinstance(part, Piece | Body))
    return [_with_length(part, length) if isinstance(part, AnswerHead) else part for part in packed]


def _to_end(outputs: Iterable[Part | Action]) -> Iterator[Part | Action]:
    for output in outputs:
        yield output
        if isinstance(output, End):
            return  # an edit that ends the answer early has no say in what comes after


def _with_length(head: AnswerHead, length: int) -> AnswerHead:
    if is_chunked(head.headers):
        return head
    written = header(head.headers, b"content-length")
    if written is None or written == b"%d" % length:
        return head
    return changed_head(head, headers=with_header(head.headers, b"content-length", b"%d" % length))
