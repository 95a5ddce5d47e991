"""What a load sends: where to, which calls, and when each is due."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """One call, ready to be sent."""

    at_s: float  # when it is due, after the start of the run
    request_id: str
    dialect: str
    path: str  # behind the base URL
    model: str
    stream: bool
    body: bytes = field(repr=False)
    tenant: str | None = None
    headers: tuple[tuple[str, str], ...] = ()  # besides those of the plan


@dataclass(frozen=True, kw_only=True)
class LoadPlan:
    """A run. `calls` stand in the order of `at_s`; they may be made while it goes on, and need not end."""

    base_url: str
    calls: Iterable[PlannedCall]
    connections: int | None = None  # at most so many at once; a call that waits for one is late, and its record says so
    deadline_s: float = 60.0  # from when a call is due
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # of every call: the key stands here
    keep_bodies: bool = False
    ca_file: str | None = None  # authorities to trust instead of the system's

    def __post_init__(self) -> None:
        if self.connections is not None and self.connections < 1:
            raise ValueError(f"no call can be made over {self.connections} connections")
        if not 0 < self.deadline_s < math.inf:
            raise ValueError(f"a deadline of {self.deadline_s} s cannot be")
