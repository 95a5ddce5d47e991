"""Requests of the load on disk as they end: a crashed run still has them, and its judges read them back.

A line that says `sent` stands before each: what was sent and has no end was lost with the process that waited for it.
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import orjson

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.gameday.run_folder import whole_lines

SCHEMA_VERSION = 1
Aside = Literal["", "warm_up", "paused", "check", "canary", "cut_off"]
"""Why a request is not judged: sent to warm the system up, while the run was paused, to look at the health of a
baseline once more, or to see the canary; or cut off when the run was aborted. Empty: it is judged."""
_BYTES = ("body", "answer_body")
_KEPT = tuple(each.name for each in fields(UserRequest) if each.name != "attempts")


class KeptRequests:
    """Appends; one write a line."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)  # texts are in it

    def sent(self, phase: str, request_id: str, number: int, due_at: float) -> None:
        """The `number`th request of a phase, from 0, goes out at `due_at`."""
        self._write({"kind": "sent", "phase": phase, "id": request_id, "number": number, "due_at": due_at})

    def ended(self, request: UserRequest, aside: Aside = "") -> None:
        values = {name: getattr(request, name) for name in _KEPT}
        for name in _BYTES:
            values[name] = None if values[name] is None else base64.b64encode(values[name]).decode("ascii")
        self._write({"kind": "request", "aside": aside, **values})

    def close(self) -> None:
        os.close(self._file)

    def _write(self, line: dict[str, Any]) -> None:
        os.write(self._file, orjson.dumps({"schema_version": SCHEMA_VERSION, **line}, option=orjson.OPT_APPEND_NEWLINE))


@dataclass
class Kept:
    """What the file holds."""

    requests: list[UserRequest] = field(default_factory=list)  # those that are judged, and those that are not
    aside: dict[str, Aside] = field(default_factory=dict)  # by id, of those that are not
    sent: dict[str, int] = field(default_factory=dict)  # how many each phase has sent
    last_due_at: dict[str, float] = field(default_factory=dict)  # of each phase's last one
    ids: set[str] = field(default_factory=set)  # of all that were sent

    @property
    def lost(self) -> set[str]:
        """Ids of what was sent and has no end."""
        return self.ids - {request.id for request in self.requests}


def read_kept(path: Path) -> Kept:
    """Of a run that goes on too."""
    kept = Kept()
    for line in whole_lines(path):
        if line["kind"] == "sent":
            phase = line["phase"]
            kept.sent[phase] = max(kept.sent.get(phase, 0), line["number"] + 1)
            kept.last_due_at[phase] = line["due_at"]
            kept.ids.add(line["id"])
        else:
            request = request_of(line)
            kept.requests.append(request)
            if line["aside"]:
                kept.aside[request.id] = line["aside"]
    return kept


def request_of(line: Mapping[str, Any]) -> UserRequest:
    """What `ended` wrote. KeyError or TypeError where it is none."""
    values = {name: line[name] for name in _KEPT}
    for name in _BYTES:
        values[name] = None if values[name] is None else base64.b64decode(values[name])
    values |= {name: tuple(values[name]) for name in ("tool_arguments", "piece_times")}
    return UserRequest(**values)
