"""Follows a live journal: a breaker a provider, and a word about each of its transitions."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from llmops.chaos.reliability.breaker import Baseline, Settings, Transition
from llmops.chaos.reliability.replay import BadSpan, Replay, spans_of
from llmops.chaos.reliability.trace import Reading, journal_request, seconds
from llmops.chaos.wire.json_scan import parsed

LATE_S = 1.0  # records are written in batches, a moment after what they tell
POLL_S = 0.1


@dataclass(frozen=True)
class Seen:
    """A transition of a provider's breaker of three signals."""

    provider: str
    transition: Transition


@dataclass
class Watcher:
    """Lines of a journal in, transitions out. A breaker sees one provider's requests and no other's."""

    settings: Settings
    reading: Reading
    baseline: Baseline = field(default_factory=Baseline)
    providers: dict[str, Replay] = field(default_factory=dict)
    faults: dict[str, list[float]] = field(default_factory=dict)  # first and last of each stretch of applied faults
    set_aside: "Counter[str]" = field(default_factory=Counter)
    rejected: "Counter[str]" = field(default_factory=Counter)

    def take(self, raw: bytes) -> list[Seen]:
        """What one more line changes."""
        if not raw.strip():
            return []
        line = parsed(raw)
        if line is None or "kind" not in line:
            self.rejected["no line of a journal"] += 1
            return []
        try:
            self._note_fault(line)
            found = journal_request(line, self.reading)
        except ValueError as error:
            self.rejected[str(error)] += 1
            return []
        if isinstance(found, str):
            self.set_aside[found] += 1
            return []
        both = self.providers.setdefault(found.provider, Replay(self.settings, self.baseline))
        return [Seen(found.provider, one) for one in both.take(found)]

    def tick(self, now_s: float) -> list[Seen]:
        """What the time alone changes."""
        seen = []
        for provider, both in self.providers.items():
            both.errors_only.tick(now_s)
            seen += [Seen(provider, one) for one in both.three_signals.tick(now_s)]
        return seen

    def spans(self, provider: str) -> tuple[BadSpan, ...] | None:
        """When faults were applied to it; None where no receipt told of any."""
        times = self.faults.get(provider)
        window_s = self.settings.window_s
        return None if times is None else spans_of(times, apart_s=window_s, grace_s=window_s)

    def _note_fault(self, line: "dict[str, object]") -> None:
        if line["kind"] != "receipt" or not line.get("applied"):
            return
        times = self.faults.setdefault(str(line.get("provider") or ""), [])
        at = seconds(line.get("at"))
        if (
            len(times) > 1
            and at - times[-1] <= self.settings.window_s
            and times[-1] - times[-2] <= self.settings.window_s
        ):
            times[-1] = at  # of a stretch its ends are enough
        else:
            times.append(at)


def follow(  # noqa: PLR0913 - each is given by name
    lines: Callable[[], Iterator[bytes]],
    watcher: Watcher,
    on_seen: Callable[[Seen], None],
    *,
    stopped: Callable[[], bool],
    idle: Callable[[], None] = lambda: None,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Until `stopped`: new lines into the watcher, its transitions to `on_seen`, `idle` once a round."""
    while not stopped():
        for raw in lines():
            for seen in watcher.take(raw):
                on_seen(seen)
            if stopped():
                return
        for seen in watcher.tick(now() - LATE_S):
            on_seen(seen)
        idle()
        sleep(POLL_S)
