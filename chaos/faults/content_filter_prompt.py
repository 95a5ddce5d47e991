"""400 because a content filter stopped the prompt; Azure's with its `innererror`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

import orjson

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error, whole
from llmops.chaos.wire.errors import provider_error as bytes_of
from llmops.chaos.wire.parts import Action, Part


@dataclass(frozen=True)
class ContentFilterPrompt:
    """The provider's own refusal of a prompt; Gemini and Bedrock have none, there it is reported as not applied."""

    family: ClassVar[Family] = "http"

    azure: bool = False  # Azure's body on any route; on Azure's own routes it is anyway
    code: Literal["content_filter", "ContentFiltered"] = "content_filter"  # Azure's: both are met
    category: Literal["hate", "self_harm", "sexual", "violence"] = "violence"  # Azure's
    severity: Literal["low", "medium", "high"] = "medium"  # Azure's
    curly_apostrophe: bool = False  # Azure's message with ’ for ': breaks who matches its text

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        if self.azure or context.request.provider == "azure":
            return self._azure(context)
        return provider_error(context, "content_filter")

    def _azure(self, context: FaultContext) -> Iterable[Part | Action]:
        sent = bytes_of("azure", "content_filter", request_id=f"req_{context.rng.getrandbits(96):024x}")
        context.note(f"answered {sent.status} content_filter", status=sent.status, error_kind="content_filter")
        return whole(sent.status, sent.headers, self._azure_body(sent.body))

    def _azure_body(self, body: bytes) -> bytes:
        said = orjson.loads(body)
        said["error"]["code"] = self.code
        results = said["error"]["innererror"]["content_filter_result"]
        for name in results:
            hit = name == self.category
            results[name] = {"filtered": hit, "severity": self.severity if hit else "safe"}
        if self.curly_apostrophe:
            said["error"]["message"] = said["error"]["message"].replace("'", "’")
        return orjson.dumps(said)
