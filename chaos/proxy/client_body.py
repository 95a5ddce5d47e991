"""What the client got of an answer that faults worked on: the body, out of the bytes that were sent."""

from contextlib import suppress

import httptools

from llmops.chaos.proxy.coding import CannotDecodeError, decoder


class _Answer:
    """Collects the body; the parser calls it."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.coding: bytes | None = None

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-encoding":
            self.coding = value

    def on_body(self, data: bytes) -> None:
        self.pieces.append(data)


def client_body(sent: bytes) -> bytes | None:
    """Without framing and content coding, as far as the bytes can be read; None where the coding cannot be undone."""
    answer = _Answer()
    with suppress(httptools.HttpParserError):  # such damage is what faults are for: what came before it could be read
        httptools.HttpResponseParser(answer).feed_data(sent)
    body = b"".join(answer.pieces)
    try:
        return body if answer.coding is None else decoder(answer.coding).feed(body)
    except CannotDecodeError:
        return None
