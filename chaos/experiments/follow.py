"""Following one user request over all providers: from wire records and receipts to the attempts that it caused.

By its id where header or marker came through; else by the hash of its messages, where only one request with these
messages was under way. What cannot be attributed is counted, never guessed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import inf, isfinite
from typing import Any

from llmops.chaos.experiments.evidence import Attempt, Receipt, UserRequest
from llmops.chaos.wire.dialects import DIALECTS

Line = Mapping[str, Any]
"""One line of a proxy's journal."""

CACHE_APART = ("anthropic_messages", "bedrock")  # their input count is without the cache; all others include it
COMMON = {"schema_version", "kind", "at", "provider", "injection", "fault", "call", "request_id", "followed_by"}
EDGE_S = 0.25  # between the clocks of load and proxy


@dataclass(frozen=True)
class Followed:
    """User requests with their attempts, and all that belongs to none of them."""

    requests: tuple[UserRequest, ...]
    receipts: tuple[Receipt, ...]
    unattributed: tuple[Attempt, ...]
    probes: tuple[Attempt, ...]


def follow(requests: Sequence[UserRequest], journals: Iterable[Iterable[Line]]) -> Followed:
    """Each journal is that of one proxy's life: its calls are numbered anew. Its lines are finished ones, in any order.

    KeyError or ValueError for a line that no proxy writes.
    """
    attempts: list[Attempt] = []
    receipts: list[Receipt] = []
    for journal in journals:
        lines = list(journal)
        written = [_receipt(line) for line in lines if line.get("kind") == "receipt"]
        by_call = _by_call(written)
        wires = (line for line in lines if line.get("kind") == "wire")
        attempts += [_attempt(line, by_call[line["provider"], line["call"]]) for line in wires]
        receipts += written
    inference = [attempt for attempt in attempts if attempt.dialect is not None]
    owners = _owners(requests, inference)
    return Followed(
        requests=_with_attempts(requests, inference, owners),
        receipts=tuple(receipts),
        unattributed=tuple(attempt for attempt, owner in zip(inference, owners, strict=True) if owner is None),
        probes=tuple(attempt for attempt in attempts if attempt.dialect is None),
    )


def _owners(requests: Sequence[UserRequest], attempts: Sequence[Attempt]) -> list[int | None]:
    """For each attempt the place of its request."""
    by_id: dict[str, list[int]] = defaultdict(list)
    by_hash: dict[str, list[int]] = defaultdict(list)
    for place, request in enumerate(requests):
        by_id[request.id].append(place)
    if any(attempt.followed_by == "messages_hash" for attempt in attempts):
        for place, request in enumerate(requests):
            if (of_messages := messages_hash(request)) is not None:
                by_hash[of_messages].append(place)
    return [_owner(attempt, requests, by_id, by_hash) for attempt in attempts]


def _owner(
    attempt: Attempt,
    requests: Sequence[UserRequest],
    by_id: Mapping[str, Sequence[int]],
    by_hash: Mapping[str, Sequence[int]],
) -> int | None:
    if attempt.request_id is None:
        return None
    if attempt.followed_by != "messages_hash":
        return _only(by_id.get(attempt.request_id, ()))
    places = by_hash.get(attempt.request_id, ())
    return _only(places) if len(places) == 1 else _only([at for at in places if _under_way(requests[at], attempt)])


def _only(places: Sequence[int]) -> int | None:
    return places[0] if len(places) == 1 else None


def _under_way(request: UserRequest, attempt: Attempt) -> bool:
    ended_at = inf if request.ended_at is None else request.ended_at
    return request.sent_at - EDGE_S <= attempt.started_at <= ended_at + EDGE_S


def messages_hash(request: UserRequest) -> str | None:
    """What a proxy names the request by where neither header nor marker came through."""
    dialect = DIALECTS.get(request.dialect)
    asked = None if dialect is None else dialect.asked(request.path.encode(), request.body)
    return None if asked is None else asked.messages_hash


def _with_attempts(
    requests: Sequence[UserRequest], attempts: Sequence[Attempt], owners: Sequence[int | None]
) -> tuple[UserRequest, ...]:
    caused: dict[int, list[Attempt]] = defaultdict(list)
    for attempt, owner in zip(attempts, owners, strict=True):
        if owner is not None:
            caused[owner].append(attempt)
    in_order = {place: tuple(sorted(mine, key=lambda attempt: attempt.started_at)) for place, mine in caused.items()}
    return tuple(replace(request, attempts=in_order.get(place, ())) for place, request in enumerate(requests))


def _by_call(receipts: Iterable[Receipt]) -> Mapping[tuple[str, int], list[Receipt]]:
    """The applied receipts of each request."""
    found: dict[tuple[str, int], list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        if receipt.applied and receipt.call is not None:
            found[receipt.provider, receipt.call].append(receipt)
    return found


def _receipt(line: Line) -> Receipt:
    connections = line.get("connections_seen")
    return Receipt(
        provider=line["provider"],
        injection=line["injection"],
        fault=line["fault"],
        applied=bool(line["applied"]),
        at=_epoch_s(line["at"]),
        call=line.get("call"),
        request_id=line.get("request_id"),
        reason=line.get("reason") or line.get("why") or "",
        state=line.get("state"),
        connections=connections if isinstance(connections, int) else None,
        details={name: value for name, value in line.items() if name not in COMMON},
    )


def _attempt(line: Line, receipts: Sequence[Receipt]) -> Attempt:
    started_at = _epoch_s(line["at"])
    dialect = line["dialect"]
    return Attempt(
        provider=line["provider"],
        call=line["call"],
        started_at=started_at,
        ended_at=started_at + line["duration_s"],
        route=line["route"],
        dialect=dialect,
        request_id=line["request_id"],
        followed_by=line["followed_by"],
        ordinal=line.get("attempt"),
        model_asked=line["model_asked"],
        model_answered=_told_model(receipts) or line.get("model_answered"),
        model_served=line.get("model_answered"),
        stream=line["stream"],
        request_bytes=line["request_bytes"],
        status=line["status"],
        upstream_status=line["upstream_status"],
        ended=line["ended"],
        complete=bool(line.get("complete")),
        finish_reason=line.get("finish_reason"),
        error_type=line.get("error_type"),
        text_characters=line.get("text_characters"),
        text_hash=line.get("text_hash"),
        text_head_hashes=tuple(line.get("text_head_hashes") or ()),
        input_uncached_tokens=_uncached(line, dialect),
        cache_read_tokens=line.get("cache_read_tokens"),
        cache_write_tokens=line.get("cache_write_tokens"),
        output_tokens=line.get("output_tokens"),
        ttft_s=line.get("ttft_s"),
        retry_after_s=_retry_after_s(line, receipts),
        receipts=tuple(receipts),
    )


def _uncached(line: Line, dialect: str | None) -> int | None:
    """None too where more was cached than there was: a count that contradicts itself is none."""
    count: int | None = line.get("input_tokens")
    if count is None or dialect in CACHE_APART:
        return count
    uncached = count - (line.get("cache_read_tokens") or 0) - (line.get("cache_write_tokens") or 0)
    return uncached if uncached >= 0 else None


def _told_model(receipts: Sequence[Receipt]) -> str | None:
    """What a `wrong_model` told the system instead: its receipt says `model NAME`."""
    swapped = (receipt for receipt in receipts if receipt.fault == "wrong_model")
    return next((str(receipt.details["what"]).removeprefix("model ") for receipt in swapped), None)


def _retry_after_s(line: Line, receipts: Sequence[Receipt]) -> float | None:
    """What the refusal told to wait, in the header's own words: milliseconds, seconds, or a date."""
    for said, at in [*((receipt.details, receipt.at) for receipt in receipts), (line, _epoch_s(line["at"]))]:
        milliseconds, text = said.get("retry_after_ms"), said.get("retry_after")
        for value in (_seconds(milliseconds, 1000), _seconds(text, 1), _until_s(text, at)):
            if value is not None:
                return value
    return None


def _seconds(text: object, per_second: int) -> float | None:
    try:
        value = float(str(text)) / per_second
    except ValueError:
        return None
    return value if isfinite(value) and value >= 0 else None


def _until_s(text: object, at: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(str(text)).timestamp() - at)
    except ValueError:
        return None


def _epoch_s(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
