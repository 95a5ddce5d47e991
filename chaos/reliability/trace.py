"""Recorded requests: from the wire records of a proxy's journal, or a table of `at, status, latency_s, quality`."""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from llmops.chaos.reliability.quality import Quality, Sampler
from llmops.chaos.reliability.window import Observation
from llmops.chaos.wire.json_scan import parsed
from llmops.errors import BadInput

SERVER_ERROR = 500
PROVIDERS_FAULT = frozenset({408, 424})  # below 500, and still not the caller's (RFC 9110; Bedrock)
SUCCESS = range(200, 400)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request of a trace."""

    at_s: float  # when it began
    error: bool | None  # no answer, or an error of the provider; None: refused for the caller's own sake
    latency_s: float | None = None  # None is not measured
    quality: float | None = None  # of an answer, 0 to 1; None is not known
    provider: str = ""
    duration_s: float | None = None  # until it was over, where that is not its latency
    quality_by: str = ""  # what judged it, or why nothing did

    @property
    def known_at_s(self) -> float:
        """When all of it was known."""
        return self.at_s + (self.duration_s if self.duration_s is not None else self.latency_s or 0.0)

    def observation(self, *, sampled: bool = True) -> Observation:
        """What a breaker sees of it."""
        return Observation(self.known_at_s, self.error, self.latency_s, self.quality if sampled else None)


@dataclass(frozen=True)
class Reading:
    """How a trace is read."""

    sampler: Sampler
    latency: str = "total"  # or ttft, where a record has it
    error_statuses: frozenset[int] = frozenset()  # that count as errors of the provider besides 408, 424 and 5xx
    provider: str | None = None  # only this one


@dataclass
class Trace:
    """What was read, and what was not."""

    requests: list[Recorded] = field(default_factory=list)
    fault_times: list[float] = field(default_factory=list)  # of applied receipts
    set_aside: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    @property
    def providers(self) -> list[str]:
        return sorted({request.provider for request in self.requests})


def read_trace(lines: Iterable[bytes], reading: Reading) -> Trace:
    """A journal, JSON lines, or CSV with a header, told by its first line. BadInput for a table without `at`."""
    lines = (line for line in lines if line.strip())
    first = next(lines, b"")
    trace = Trace()
    if first.lstrip().startswith(b"{"):
        for raw in _with(first, lines):
            _take_json(trace, raw, reading)
    elif first:
        texts = (raw.decode("utf-8-sig", "replace") for raw in _with(first, lines))
        table = csv.DictReader(texts, skipinitialspace=True)
        _check_columns(table.fieldnames or ())
        for row in table:
            _take_row(trace, row, reading)
    trace.requests.sort(key=lambda request: request.known_at_s)
    return trace


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _check_columns(names: Iterable[str]) -> None:
    missing = [name for name in ("at", "status") if name not in set(names)]
    if missing:
        raise BadInput(
            f"the table has no column {' and '.join(missing)}", hint="its columns are at, status, latency_s, quality"
        )


def _take_json(trace: Trace, raw: bytes, reading: Reading) -> None:
    line = parsed(raw)
    if line is None:
        trace.rejected["no JSON object"] += 1
    elif "kind" in line and "schema_version" in line:
        _take_journal_line(trace, line, reading)
    else:
        _take_row(trace, line, reading)


def _take_journal_line(trace: Trace, line: Mapping[str, Any], reading: Reading) -> None:
    try:
        found = journal_request(line, reading)
        if line["kind"] == "receipt" and line.get("applied") and _wanted(line, reading):
            trace.fault_times.append(seconds(line.get("at")))
    except ValueError as error:
        trace.rejected[str(error)] += 1
        return
    if isinstance(found, str):
        trace.set_aside[found] += 1
    else:
        trace.requests.append(found)


def journal_request(line: Mapping[str, Any], reading: Reading) -> Recorded | str:
    """The request of a line of the journal, or why it is none that counts. ValueError for a record without a time."""
    if line["kind"] != "wire":
        return f"a {line['kind']} of the journal"
    if line.get("dialect") is None:
        return "no request to a model"
    if not _wanted(line, reading):
        return "another provider"
    return recorded_of(line, reading.sampler.of(line), reading)


def _wanted(line: Mapping[str, Any], reading: Reading) -> bool:
    return reading.provider is None or line.get("provider") == reading.provider


def recorded_of(record: Mapping[str, Any], quality: Quality, reading: Reading) -> Recorded:
    """A wire record as a request of a trace."""
    latency = record.get("ttft_s") if reading.latency == "ttft" else record.get("duration_s")
    return Recorded(
        at_s=seconds(record.get("at")),
        error=_error_on_the_wire(record, reading.error_statuses),
        latency_s=latency,
        quality=quality.value,
        provider=str(record.get("provider") or ""),
        duration_s=record.get("duration_s"),
        quality_by=quality.by,
    )


def _error_on_the_wire(record: Mapping[str, Any], also: frozenset[int]) -> bool | None:
    if record.get("ended") == "client_gone":
        return None
    cut = (record.get("ended") or "complete") != "complete"
    return True if cut else is_error(record.get("status"), also)


def is_error(status: int | None, also: frozenset[int] = frozenset()) -> bool | None:
    """Whether a status is the provider's failure (no answer is); None where it is the caller's own (429, 400 …)."""
    if status is None or status >= SERVER_ERROR or status in PROVIDERS_FAULT or status in also:
        return True
    return False if status in SUCCESS else None


def _take_row(trace: Trace, row: Mapping[str, Any], reading: Reading) -> None:
    try:
        request = _row(row, reading.error_statuses)
    except ValueError as error:
        trace.rejected[str(error)] += 1
        return
    if reading.provider is not None and request.provider != reading.provider:
        trace.set_aside["another provider"] += 1
        return
    trace.requests.append(request)


def _row(row: Mapping[str, Any], also: frozenset[int]) -> Recorded:
    """ValueError, as the reason, for a row that cannot be."""
    if row.get("at") in {None, ""} or "status" not in row:
        raise ValueError("no `at` or no `status`")
    status, latency, quality = (_number(row, name) for name in ("status", "latency_s", "quality"))
    if status is not None and (status != int(status) or not 100 <= status <= 599):  # noqa: PLR2004 - HTTP's
        raise ValueError("`status` is no HTTP status")
    if latency is not None and latency < 0:
        raise ValueError("`latency_s` is negative")
    if quality is not None and not 0 <= quality <= 1:
        raise ValueError("`quality` is not from 0 to 1")
    error = is_error(None if status is None else int(status), also)
    return Recorded(
        seconds(row["at"]),
        error,
        latency,
        quality if error is False else None,
        str(row.get("provider") or ""),
        quality_by="" if quality is None else "the trace",
    )


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{name}` is no number") from error
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError(f"`{name}` is no number")
    return number


def seconds(at: object) -> float:
    """Seconds of a moment: a number as it is, an ISO time as epoch seconds (UTC where it names no zone). ValueError."""
    if isinstance(at, bool) or at is None:
        raise ValueError("`at` is no time")
    with suppress(ValueError):
        number = float(at if isinstance(at, int | float) else str(at))
        if not math.isfinite(number):
            raise ValueError("`at` is no time")
        return number
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError as error:
        raise ValueError("`at` is no time") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
