"""Recorded runs as timed calls: our own records, llmperf's raw results, and usage logs by a reader passed in."""

import math
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from llmops.chaos.load.possible import why_impossible
from llmops.chaos.load.record import KIND, CallRecord, record_of
from llmops.errors import BadInput, NoData
from llmops.ports import ReadTimedCalls, TimedCalls

STDIN = "-"
SNIFFED_BYTES = 64 * 1024
LONGEST_LINE_BYTES = 64 * 1024 * 1024  # with bodies in it
STOPPED = "stopped with its run"
REPEATED = "a request id that was read before"
CUT_OFF = "cut off at the end of the file"
IMPOSSIBLE = "a success with impossible times"
UNKNOWN = math.nan
_OWN_LINE = re.compile(rb'"kind":\s*"%s"' % KIND.encode())


LOG, OWN, LLMPERF = "usage log", "load records", "llmperf results"


@dataclass(frozen=True)
class Recording:
    """One file (usage logs are one together): what it was read as, and its calls."""

    name: str
    kind: str
    calls: TimedCalls


def read_recordings(names: Sequence[str], read_logs: ReadTimedCalls) -> list[Recording]:
    """The calls of files that are told by their content; `-` is a usage log on standard input.

    Usage logs are read together, so that a call that is in two of them counts once, as one of our own records does.
    BadInput, NoData.
    """
    _refuse_repeats(names)
    kinds = {name: LOG if name == STDIN else _kind_of(Path(name)) for name in names}
    seen: set[str] = set()  # request ids
    readers: dict[str, Callable[[Path], TimedCalls]] = {OWN: lambda path: _own(path, seen), LLMPERF: _llmperf}
    found = [Recording(name, kind, readers[kind](Path(name))) for name, kind in kinds.items() if kind != LOG]
    logs = [name for name, kind in kinds.items() if kind == LOG]
    return [*found, *([Recording(", ".join(logs), LOG, read_logs(logs))] if logs else [])]


def _refuse_repeats(names: Sequence[str]) -> None:
    seen: set[Path] = set()
    for name in names:
        if Path(name).resolve() in seen:
            raise BadInput(f"{name} is given twice", hint="name each file once, or its calls would count twice")
        seen.add(Path(name).resolve())


def timed(records: Iterable[CallRecord]) -> TimedCalls:
    """Our own records. Set aside: those that were stopped with their run, for nobody knows how they would end, and
    those that cannot be.
    """
    kept = [(record, _why_aside(record)) for record in records]
    ended = [record for record, why in kept if not why]
    return TimedCalls(
        models=[record.model_asked for record in ended],
        routes=[record.path.partition("?")[0] for record in ended],
        tenants=[record.tenant for record in ended],
        succeeded=[record.succeeded for record in ended],
        ttft_s=_floats(record.ttft_s for record in ended),
        e2e_s=_floats(record.e2e_s for record in ended),
        visible_tokens=_floats(record.visible_tokens for record in ended),
        scheduled_ttft_s=_floats(record.scheduled_ttft_s for record in ended),
        scheduled_latency_s=_floats(record.scheduled_latency_s for record in ended),
        gaps_s=[_gaps(record.piece_times) for record in ended],
        set_aside=Counter(why for _, why in kept if why),
    )


def _why_aside(record: CallRecord) -> str:
    return STOPPED if record.transport_error == "cancelled" else why_impossible(record)


def merged(parts: Sequence[TimedCalls]) -> TimedCalls:
    """All calls in one; what one part measured and another did not is unknown in the other's calls."""
    if len(parts) == 1:
        return parts[0]
    aside: Counter[str] = Counter()
    for part in parts:
        aside.update(part.set_aside)
    gaps: list[Sequence[float]] = []
    if any(part.gaps_s for part in parts):
        gaps = [each for part in parts for each in part.gaps_s or [()] * len(part)]
    return TimedCalls(
        models=[each for part in parts for each in part.models],
        routes=[each for part in parts for each in part.routes],
        tenants=[each for part in parts for each in part.tenants],
        succeeded=[each for part in parts for each in part.succeeded],
        ttft_s=_joined(parts, lambda part: part.ttft_s),
        e2e_s=_joined(parts, lambda part: part.e2e_s),
        visible_tokens=_joined(parts, lambda part: part.visible_tokens),
        scheduled_ttft_s=_joined(parts, lambda part: part.scheduled_ttft_s),
        scheduled_latency_s=_joined(parts, lambda part: part.scheduled_latency_s),
        gaps_s=gaps,
        unstreamed=sum(part.unstreamed for part in parts),
        unjudged=sum(part.unjudged for part in parts),
        set_aside=aside,
    )


def _joined(parts: Sequence[TimedCalls], column: Callable[[TimedCalls], Sequence[float]]) -> "array[float]":
    if not any(len(column(part)) for part in parts):
        return array("d")
    return array("d", (each for part in parts for each in column(part) or [UNKNOWN] * len(part)))


def _floats(values: Iterable[float | None]) -> "array[float]":
    return array("d", (UNKNOWN if value is None else value for value in values))


def _gaps(times: Sequence[float]) -> "array[float]":
    return array("d", (after - before for before, after in pairwise(times)))


def _kind_of(path: Path) -> str:
    """BadInput for what cannot be read."""
    try:
        with path.open("rb") as file:
            line = file.readline(LONGEST_LINE_BYTES)
            head = (line + file.read(SNIFFED_BYTES)).lstrip()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}", hint="name a file of recorded calls") from error
    if head.startswith(b"[") and b'"ttft_s"' in head and b'"end_to_end_latency_s"' in head:
        return LLMPERF
    first = _parsed(line)
    if isinstance(first, dict):
        return OWN if first.get("kind") == KIND and {"scheduled_at", "schema_version"} & first.keys() else LOG
    return OWN if _OWN_LINE.search(head) and b'"scheduled_at"' in head else LOG  # the first line is broken


def _own(path: Path, seen: set[str]) -> TimedCalls:
    *lines, rest = path.read_bytes().split(b"\n")
    records = [_record(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1) if line.strip()]
    fresh: list[CallRecord] = []
    for record in records:
        if record.request_id not in seen:
            fresh.append(record)
            seen.add(record.request_id)
    aside = {REPEATED: len(records) - len(fresh), CUT_OFF: 1 if rest.strip() else 0}  # killed in the middle of a line
    calls = timed(fresh)
    return replace(calls, set_aside={**calls.set_aside, **{why: count for why, count in aside.items() if count}})


def _record(line: bytes, where: str) -> CallRecord:
    try:
        return record_of(_parsed(line))
    except ValueError as error:
        raise BadInput(f"{where} {error}", hint="a file that `llmops load --records` wrote") from error


def _llmperf(path: Path) -> TimedCalls:
    """Raw results of ray-project/llmperf: `PROVIDER_MODEL.json`, one object a call."""
    rows = _parsed(path.read_bytes())
    if not isinstance(rows, list) or not rows:
        raise NoData(f"{path} holds no call", hint="a file of individual results, not a summary")
    aside = sum(_is_impossible(row) for row in rows)
    kept = [row for row in rows if not _is_impossible(row)]
    provider, _, model = path.stem.rpartition("_")
    done = [row.get("error_code") is None for row in kept]
    return TimedCalls(
        models=[model or None] * len(kept),
        routes=[provider or path.stem] * len(kept),
        tenants=[None] * len(kept),
        succeeded=done,
        ttft_s=_floats(_number(row, "ttft_s") if ok else None for row, ok in zip(kept, done, strict=True)),
        e2e_s=_floats(_number(row, "end_to_end_latency_s") if ok else None for row, ok in zip(kept, done, strict=True)),
        visible_tokens=_floats(_number(row, "number_output_tokens") for row in kept),
        set_aside={IMPOSSIBLE: aside} if aside else {},
    )


def _is_impossible(row: Any) -> bool:  # noqa: ANN401 - JSON is any value
    if not isinstance(row, dict):
        return True
    if row.get("error_code") is not None:
        return False
    ttft, e2e = _number(row, "ttft_s"), _number(row, "end_to_end_latency_s")
    return ttft is None or e2e is None or not 0 <= ttft <= e2e < math.inf


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _parsed(data: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    import orjson

    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
