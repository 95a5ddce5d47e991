"""What a log format is: how to recognise it, and where in a record each column of the usage table is found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from llmops.costmodel.usage.quoting import literal
from llmops.registry import Registry

if TYPE_CHECKING:
    from llmops.costmodel.usage.containers import Records

NOTHING = "NULL::varchar"

COUNTS = (
    "input_tokens",  # with the cache in it or without, as `input_includes_cache` says
    "cache_read_tokens",
    "cache_write_tokens",  # all cache writes together; what no lifetime accounts for becomes cache_write_other_tokens
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_write_other_tokens",
    "output_total_tokens",  # with reasoning in it
    "output_reasoning_tokens",
    "input_audio_tokens",
    "output_audio_tokens",
    "requests",
)
NAMES = (
    "provider",
    "model_requested",
    "model_served",
    "processing",
    "service_tier",
    "speed",
    "geo",
    "status",
    "tenant",
    "feature",
    "user",
    "call_id",
    "dedupe_key",
    "parent_key",  # the dedupe key of the record that this one is a part of
)
DESTINATIONS = (*COUNTS, *NAMES, "ts_utc", "latency_s", "ttft_s", "cost_reported_usd")
"""What a reader may give, as SQL text; all of it is checked and converted in one place (intake.py)."""


class At(Protocol):
    """The SQL text at a path into a record, NULL where there is nothing (a missing key, null, or an empty text).

    The first step is a field of the record, the others lead into it; it may hold an object or a text with JSON in it.
    """

    def __call__(self, *path: str) -> str: ...


@dataclass(frozen=True)
class Reading:
    """Where a format keeps things: SQL text expressions by DESTINATIONS, and what else decides about a record."""

    columns: Mapping[str, str]
    time_unit: str = "iso"  # iso, epoch_s, epoch_ms, epoch_us, epoch_ns
    set_aside: str = NOTHING  # SQL: why the record is not one LLM call, or NULL
    at_least: str = NOTHING  # SQL: why the counts of the record are a lower bound, or NULL
    leaf_only: str = "false"  # SQL: the record counts only if it is no ancestor of a record that counts


class Reader:
    """A log format. Subclasses say what is special about it."""

    looks_for: str
    """What a record of this format has, in words."""
    input_includes_cache: bool
    """Whether the input count has the cache classes in it."""
    keep: str = "first"
    """Which of the records with one dedupe key counts: the first or the last one."""

    @property
    def silent_on(self) -> frozenset[str]:
        """Columns behind a share (status, cache_read_tokens) that the format never tells: unknown, not zero."""
        return frozenset()

    def recognises(self, record: Mapping[str, Any]) -> bool:
        """Whether a record (as parsed JSON, or a row by its headers) is of this format."""
        raise NotImplementedError

    def nested(self, records: "Records") -> "Records":
        """The records inside the records, for formats that nest them."""
        return records

    def reading(self, at: At) -> Reading:
        """Where to find what."""
        raise NotImplementedError


readers: Registry[Reader] = Registry("log format", "llmops.costmodel.usage.readers")


def first_of(*expressions: str) -> str:
    """SQL: the first that is not NULL."""
    return f"coalesce({', '.join(expressions)})"


def item(record: Mapping[str, Any], *path: str) -> Any:  # noqa: ANN401 - a value in JSON is anything
    """What a parsed record has at a path, None where it has nothing."""
    value: Any = record
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def one_of(expression: str, *values: str) -> str:
    """SQL: the expression is one of some texts (false where it is NULL)."""
    return f"coalesce({expression} in ({', '.join(map(literal, values))}), false)"
