"""Azure LLM inference trace: CSV with TIMESTAMP, ContextTokens and GeneratedTokens; it names no model."""

from collections.abc import Mapping
from typing import Any

from llmops.costmodel.usage.readers.base import At, Reader, Reading

_HEADERS = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")


class AzureLlmTrace(Reader):
    """Azure/AzurePublicDataset. Times have no zone and are read as UTC; two calls may be equal, so none is a copy."""

    looks_for = "CSV columns TIMESTAMP, ContextTokens, GeneratedTokens"
    input_includes_cache = True  # the whole context; the trace does not tell what was cached

    @property
    def silent_on(self) -> frozenset[str]:
        return frozenset({"status", "cache_read_tokens"})

    def recognises(self, record: Mapping[str, Any]) -> bool:
        return all(header in record for header in _HEADERS)

    def reading(self, at: At) -> Reading:
        return Reading(
            {
                "ts_utc": at("TIMESTAMP"),
                "input_tokens": at("ContextTokens"),
                "output_total_tokens": at("GeneratedTokens"),
            }
        )
