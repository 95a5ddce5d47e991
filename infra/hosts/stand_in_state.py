"""What the machines do, for the stand-in: it remembers since when they wake, for they do not tell."""

from collections.abc import Callable, Sequence
from datetime import datetime

from llmops.infra.hosts.awake import Seen, count
from llmops.infra.stand_in import State


class Waking:
    """The state of all machines together, look after look."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._since: datetime | None = None

    def state(self, seen: Sequence[Seen]) -> State:
        """Awake where one serves; unknown where none serves or wakes, and not all can be reached."""
        waking = count(seen, "waking") > 0 and count(seen, "serving") == 0
        self._since = (self._since or self._now()) if waking else None
        if count(seen, "serving"):
            return State("awake")
        if waking:
            return State("waking", self._since)
        return State("unknown" if count(seen, "unreachable") else "asleep")
