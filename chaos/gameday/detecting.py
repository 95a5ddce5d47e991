"""The plan's detector at work: a breaker of three signals a provider, on the wire, and one at the callers' side.

On the wire it sees errors and latencies of providers. What callers got is judged by validators where they are: a fault
may change an answer behind the proxy's record. It never knows the truth, nor what was injected.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.gameday.schema import Detector
from llmops.chaos.load.asks import ASKS, marked
from llmops.chaos.reliability.breaker import Breach, Breaker, Transition
from llmops.chaos.reliability.check import chosen_validators, judged
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.quality import VALUES, Sampler
from llmops.chaos.reliability.trace import Reading, is_error
from llmops.chaos.reliability.validators.base import Judgement, Validator, together
from llmops.chaos.reliability.validators.model import Model
from llmops.chaos.reliability.watching import LATE_S, Watcher
from llmops.chaos.reliability.window import Observation
from llmops.chaos.wire.dialects import DIALECTS
from llmops.chaos.wire.json_scan import parsed

CALLERS = "callers"
ENGLISH = "Please tell me what you think of this, and what we should do about it if that is all that there is."


@dataclass(frozen=True)
class Opening:
    """A breaker of the detector opened."""

    at: float  # when the detector knew, epoch seconds
    where: str  # a provider, or callers
    why: str


@dataclass
class Detecting:
    """Lines of the proxy's journal and requests of the load in, openings out."""

    detector: Detector
    models: Sequence[str]  # that may answer
    seed: int = 0
    now: Callable[[], float] = time.time
    openings: list[Opening] = field(default_factory=list)

    def __post_init__(self) -> None:
        asked, settings, baseline = self.detector, self.detector.settings(), self.detector.baseline()
        self._validators: dict[str, Validator] = chosen_validators(model=Model(tuple(self.models)))
        self._sampler = Sampler(asked.sample_ratio, self.seed, self._validators)
        self._statuses = frozenset(asked.error_statuses)
        self._watcher = Watcher(settings, Reading(self._sampler, asked.latency, self._statuses), baseline)
        self._edge = Breaker(settings, baseline)

    def take_line(self, raw: bytes) -> None:
        """One more line of the proxy's journal."""
        for seen in self._watcher.take(raw):
            self._note(seen.provider, seen.transition)

    def take_request(self, request: UserRequest) -> None:
        """One more request of the load, as its sender saw it."""
        for transition in self._edge.see(self._observation(request)):
            self._note(CALLERS, transition)

    def tick(self) -> None:
        """What the time alone changes."""
        at = self.now() - LATE_S
        for seen in self._watcher.tick(at):
            self._note(seen.provider, seen.transition)
        for transition in self._edge.tick(at):
            self._note(CALLERS, transition)

    def _note(self, where: str, one: Transition) -> None:
        """To open again after bad probes is no new opening."""
        if (one.origin, one.state) == ("closed", "open"):
            self.openings.append(Opening(self.now(), where, "; ".join(map(_told, one.breaches))))

    def _observation(self, request: UserRequest) -> Observation:
        ended = request.ended_at if request.ended_at is not None else self.now()
        error = True if request.transport_error else is_error(request.status, self._statuses)
        since = request.first_token_at if self.detector.latency == "ttft" else request.ended_at
        latency_s = None if since is None else since - request.sent_at
        sampled = error is False and self._sampler.sampled(request.id)
        return Observation(ended, error, latency_s, self._quality(request) if sampled else None)

    def _quality(self, request: UserRequest) -> float | None:
        body, dialect = parsed(request.body), DIALECTS.get(request.dialect)
        if body is None or dialect is None or request.answer_body is None:
            return None
        checked = Checked(body, request.answer_body, dialect, request.path)
        words = {**judged(checked, self._validators), "language": self._language(request, checked)}
        return VALUES.get(together(words))

    def _language(self, request: UserRequest, checked: Checked) -> Judgement:
        """Whoever operates a system knows in what language it is asked. The load asks in English, with so many words in
        no order that no text can be told by them.
        """
        asked = marked(ASKS[request.dialect].body(request.model_asked or "", False, None), ENGLISH, request.dialect, "")
        told = Checked(asked, checked.response, checked.dialect, checked.route)
        return self._validators["language"].judge(told)


def _told(breach: Breach) -> str:
    side = "under" if breach.signal == "quality" else "over"
    return f"{breach.signal} {breach.value:.3g} {side} {breach.limit:.3g} of {breach.samples} requests"
