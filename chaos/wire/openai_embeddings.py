"""OpenAI embeddings: vectors as lists of numbers or in base64."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from llmops.chaos.wire.dialect import Answered, Asked, ProviderError
from llmops.chaos.wire.errors import NoSuchErrorInDialectError, provider_error
from llmops.chaos.wire.json_scan import member, parsed, whole_number
from llmops.chaos.wire.openai_chat import asked_of, error_type_of
from llmops.chaos.wire.slots import Slot, slots_at
from llmops.chaos.wire.tracing import Message


class EmbeddingsObserver:
    """Reads model and usage; never streams."""

    def __init__(self) -> None:
        self.answered = Answered()

    def event(self, raw: bytes) -> bool:  # noqa: ARG002 - an embedding is no stream
        return False

    def body(self, data: bytes) -> None:
        payload = parsed(data)
        self.answered.model = member(payload, "model")
        self.answered.error_type = error_type_of(payload)
        self.answered.input_tokens = whole_number(member(payload, "usage", "prompt_tokens"))
        self.answered.complete = isinstance(member(payload, "data"), list)


class EmbeddingsShape:
    """`data[].embedding`, and usage of the input only."""

    output_includes_reasoning = False
    null_usage = True
    finish_words: dict[str, str] = {}  # noqa: RUF012 - constant

    def slots(self, payload: dict[str, Any]) -> Iterator[Slot]:
        yield from slots_at("model", "", payload, "model")
        if isinstance(payload.get("usage"), dict):
            yield Slot("usage", "", payload, "usage")
            yield from slots_at("input_tokens", "", payload["usage"], "prompt_tokens")
            yield from slots_at("total_tokens", "", payload["usage"], "total_tokens")

    def set_finish(self, payload: dict[str, Any], word: str | None) -> bool:  # noqa: ARG002 - there is none
        return False

    def drop_text(self, payload: dict[str, Any]) -> bool | None:  # noqa: ARG002 - there is none
        return False

    def refuse(self, payload: dict[str, Any], words: str) -> bool | None:  # noqa: ARG002 - there is none
        return False


@dataclass(frozen=True)
class OpenaiEmbeddings:
    """`provider` names whose errors it speaks: openai or azure."""

    provider: str = "openai"
    name: str = "openai_embeddings"
    shape: EmbeddingsShape = EmbeddingsShape()  # noqa: RUF009 - has no state

    def recognises(self, method: bytes, path: bytes) -> bool:
        return method == b"POST" and path.partition(b"?")[0].endswith(b"/embeddings")

    def asked(self, path: bytes, body: bytes) -> Asked | None:
        payload = parsed(body)
        if payload is None or "input" not in payload:
            return None
        asked = asked_of(payload, [], stream=False)
        deployment = path.partition(b"/deployments/")[2].partition(b"/")[0].decode("latin-1")
        given = Message("input", "", payload["input"])
        return replace(asked, model=asked.model or deployment or None, messages=[given])

    def observer(self) -> EmbeddingsObserver:
        return EmbeddingsObserver()

    def error(self, kind: str, **details: object) -> ProviderError:
        return provider_error(self.provider, kind, **details)

    def stream_error(self, kind: str, **details: object) -> Iterable[bytes]:  # noqa: ARG002 - for any kind
        raise NoSuchErrorInDialectError("embeddings are never streamed")

    def carries_text(self, raw: bytes) -> bool:  # noqa: ARG002 - an embedding is no stream
        return False

    def is_terminal(self, raw: bytes) -> bool:  # noqa: ARG002 - an embedding is no stream
        return False
