"""Bedrock's runtime: its routes and errors, exceptions as frames of its binary stream; its answers are opaque."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from llmops.chaos.wire.dialect import Answered, Asked, ProviderError
from llmops.chaos.wire.errors import provider_error
from llmops.chaos.wire.json_scan import parsed
from llmops.chaos.wire.openai_chat import asked_of
from llmops.chaos.wire.slots import Slot
from llmops.chaos.wire.tracing import message

_ACTIONS = (b"/converse", b"/converse-stream", b"/invoke", b"/invoke-with-response-stream")
_STRING = 7  # the type of a header value: a string, its length in two bytes
_TEXT_TYPES = frozenset({"text"})


class BedrockObserver:
    """Its answers are not read: each model has a format of its own, and the stream is binary."""

    def __init__(self) -> None:
        self.answered = Answered()

    def event(self, raw: bytes) -> bool:  # noqa: ARG002 - see the class
        return False

    def body(self, data: bytes) -> None: ...


class BedrockShape:
    """Nothing in its answers can be edited."""

    output_includes_reasoning = False
    null_usage = False
    finish_words: dict[str, str] = {}  # noqa: RUF012 - constant

    def slots(self, payload: dict[str, Any]) -> Iterator[Slot]:  # noqa: ARG002 - see the class
        return iter(())

    def set_finish(self, payload: dict[str, Any], word: str | None) -> bool:  # noqa: ARG002 - see the class
        return False

    def drop_text(self, payload: dict[str, Any]) -> bool | None:  # noqa: ARG002 - see the class
        return False

    def refuse(self, payload: dict[str, Any], words: str) -> bool | None:  # noqa: ARG002 - see the class
        return False


@dataclass(frozen=True)
class Bedrock:
    """`POST /model/M/converse`, `/invoke` and their streams."""

    provider: str = "bedrock"
    name: str = "bedrock"
    shape: BedrockShape = BedrockShape()  # noqa: RUF009 - has no state

    def recognises(self, method: bytes, path: bytes) -> bool:
        path = path.partition(b"?")[0]
        return method == b"POST" and b"/model/" in path and path.endswith(_ACTIONS)

    def asked(self, path: bytes, body: bytes) -> Asked | None:
        payload = parsed(body)
        if payload is None:
            return None
        said = payload.get("messages") if isinstance(payload.get("messages"), list) else []
        messages = [
            message(str(m.get("role")), m.get("content"), _TEXT_TYPES) for m in said or [] if isinstance(m, dict)
        ]
        model = unquote_to_bytes(path.partition(b"/model/")[2].partition(b"/")[0]).decode("latin-1")
        stream = path.partition(b"?")[0].endswith(b"-stream")
        return asked_of({"model": model}, messages, stream=stream)

    def observer(self) -> BedrockObserver:
        return BedrockObserver()

    def error(self, kind: str, **details: object) -> ProviderError:
        return provider_error(self.provider, kind, **details)

    def stream_error(self, kind: str, **details: object) -> Iterable[bytes]:
        """An exception frame; its type begins in lower case, as botocore's stream members do."""
        error = self.error(kind, **details)
        headers = {
            ":exception-type": error.exception[:1].lower() + error.exception[1:],
            ":content-type": "application/json",
            ":message-type": "exception",
        }
        return [event_stream_frame(headers, error.body)]

    def carries_text(self, raw: bytes) -> bool:  # noqa: ARG002 - its answers are opaque
        return False

    def is_terminal(self, raw: bytes) -> bool:  # noqa: ARG002 - its answers are opaque
        return False


def event_stream_frame(headers: dict[str, str], payload: bytes) -> bytes:
    """One frame of application/vnd.amazon.eventstream: lengths, CRC, headers, payload, CRC (AWS documentation)."""
    written = b"".join(map(_header, headers.items()))
    prelude = (len(payload) + len(written) + 16).to_bytes(4, "big") + len(written).to_bytes(4, "big")
    frame = prelude + zlib.crc32(prelude).to_bytes(4, "big") + written + payload
    return frame + zlib.crc32(frame).to_bytes(4, "big")


def _header(named: tuple[str, str]) -> bytes:
    name, value = (part.encode() for part in named)
    return bytes([len(name)]) + name + bytes([_STRING]) + len(value).to_bytes(2, "big") + value
