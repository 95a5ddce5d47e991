"""One phase of a game day: its load goes on from its beginning to its end, its faults are on while the clock runs."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from llmops.chaos.experiments.calls import calls
from llmops.chaos.experiments.driver import Held, held
from llmops.chaos.experiments.evidence import StateProbe, UserRequest
from llmops.chaos.experiments.outcomes import looks_whole
from llmops.chaos.experiments.plan import Step
from llmops.chaos.experiments.state_probe import watched
from llmops.chaos.experiments.stepping import MARGIN_S, Stage, Stopped, calls_of, load_plan, read_back, seen_by_caller
from llmops.chaos.experiments.system import Running
from llmops.chaos.gameday.kept_requests import Aside, KeptRequests
from llmops.chaos.gameday.pace import Pace, paced
from llmops.chaos.gameday.past import PAUSED
from llmops.chaos.gameday.remaining import Key, remaining
from llmops.chaos.gameday.safety import Safety
from llmops.chaos.load.client import run_load
from llmops.chaos.load.plan import PlannedCall
from llmops.chaos.load.record import CallRecord


@dataclass
class Wishes:
    """What people and conditions want of the phase that is under way."""

    paused: bool = False
    skipped: bool = False
    stopped: str = ""  # why; empty: it goes on
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, task: "asyncio.Future[Any]", timeout_s: float | None = None) -> None:
        """Until somebody wishes something, the task is done, or the time is up."""
        self.changed.clear()
        change = asyncio.ensure_future(self.changed.wait())
        both: set[asyncio.Future[Any]] = {task, change}
        try:
            await asyncio.wait(both, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            change.cancel()


@dataclass(frozen=True)
class Begun:
    """How far an earlier process came with the phase before it was killed."""

    elapsed_s: float
    sent: int
    since: float  # when the phase began, epoch seconds


@dataclass
class RunningPhase:
    """Its faults are off when `run` ends, however it ends."""

    stage: Stage
    step: Step
    system: Running
    wishes: Wishes
    kept: KeptRequests
    safety: Safety
    hits_since: Callable[[Key, float], int]
    on_request: Callable[[UserRequest], None]
    begun: Begun | None = None
    life: int = 0
    faults_on: tuple[Key, ...] = ()
    requests: list[UserRequest] = field(default_factory=list)  # that have ended, without those of a pause
    _load: "asyncio.Task[list[CallRecord]] | None" = None

    def __post_init__(self) -> None:
        self.pace = Pace(self.begun.elapsed_s if self.begun else 0.0)
        self.began_at = self.begun.since if self.begun else time.time()

    async def run(self) -> None:
        """Stopped, or ProxyFailed."""
        step = self.step
        if self.begun is None:
            told = {"phase": step.name, "phase_kind": step.kind, "planned_requests": step.requests}
            self.stage.journal.step("phase began", **told, began_at=self.began_at)
        else:
            self.stage.journal.step("phase taken up", phase=step.name, elapsed_s=self.begun.elapsed_s)
        try:
            while self._load is None or not self._load.done():
                if self.wishes.paused:
                    await self._stand()
                else:
                    await self._held()
                if self.wishes.stopped:
                    raise Stopped(f"{step.name}: {self.wishes.stopped}")
            self._load.result()
        finally:
            await self._end_load()
            skipped = self.pace.is_over
            self.stage.journal.step("phase ended", phase=step.name, ended_at=time.time(), skipped=skipped)

    async def _held(self) -> None:
        """The faults are on until the load is over, or somebody wishes otherwise."""
        rest = remaining(self.step, self.pace.phase_s if self._load else self.pace.elapsed_s, self._hits())
        state = Held()
        try:
            async with held(self.stage.driver, rest.toxics) as state:
                seen = await read_back(self.stage.driver, rest.injections)
                told = [(each.provider, each.name, each.on_at) for each in seen if each.on_at is not None]
                self.stage.journal.step("faults on", phase=self.step.name, injections=told)
                self.faults_on = tuple((provider, name) for provider, name, _ in told)
                self._go()
                self._go_on()
                async with watched(rest.injections, self.stage.proxies, self._keep_probe):
                    await self._until_otherwise()
        finally:
            self.faults_on = ()
            if state.off:
                self.stage.journal.step("faults off", phase=self.step.name, off_at=time.time())

    async def _until_otherwise(self) -> None:
        assert self._load is not None  # noqa: S101 - begun before
        while not (self._load.done() or self.wishes.paused or self.wishes.stopped):
            left_s = self.step.duration_s - self.pace.phase_s
            limit_s = max(0.0, left_s) + self.stage.plan.experiment.load.deadline_s + MARGIN_S
            was_over = self.pace.is_over
            await self.wishes.wait(self._load, limit_s)
            if self.wishes.skipped and not was_over:
                self.pace.is_over, self.wishes.skipped = True, False
            elif not self.wishes.changed.is_set() and not self._load.done():
                raise Stopped(f"{self.step.name} was not over after {self.pace.phase_s:.0f} s")
        if self.wishes.paused:
            self.pace.pause()

    async def _stand(self) -> None:
        """The clock stands, no fault is on, the load goes on."""
        self._go()
        assert self._load is not None  # noqa: S101 - it goes
        self.pace.pause()
        self.stage.journal.step("paused", phase=self.step.name, at_s=self.pace.paused_at)
        while self.wishes.paused and not self.wishes.stopped and not self._load.done():
            await self.wishes.wait(self._load)
            if self.wishes.skipped:
                self.pace.is_over, self.wishes.skipped = True, False
                break
        if self.pace.is_over or self.wishes.stopped or self._load.done():
            self._go_on()
            await self._end_in_order()

    def _go_on(self) -> None:
        """The clock runs again: when the faults are back."""
        if self.pace.paused_at is not None:
            from_at, to_at = self.pace.go_on()
            told = {"from_at": from_at, "to_at": to_at, "why": PAUSED, "phase": self.step.name}
            self.stage.journal.step("clock stood", **told)

    async def _end_in_order(self) -> None:
        """Skipped while it was paused: what is under way comes to its end, and no fault comes back."""
        assert self._load is not None  # noqa: S101 - it went
        self.wishes.paused = False
        if not self.wishes.stopped:
            await asyncio.wait({self._load}, timeout=self.stage.plan.experiment.load.deadline_s + MARGIN_S)

    def _go(self) -> None:
        if self._load is None:
            planned = paced(
                self.pace,
                calls_of(self.stage, self.step, 1, self.system),
                self._fillers(),
                first=self.begun.sent if self.begun else 0,
                every_s=1 / self.stage.plan.experiment.load.requests_per_second,
                sent=self._sent,
            )
            load = run_load(load_plan(self.stage, self.system, planned), on_record=self._take)
            self._load = asyncio.create_task(load)

    def _fillers(self) -> Iterator[PlannedCall]:
        run = f"{self.stage.token}-1-{self.step.name}-paused{self.life}"
        return calls(self.stage.plan.experiment, repeat(0.0), base_url=self.system.base_url, run=run)

    def _sent(self, call: PlannedCall, number: int, due_at: float) -> None:
        self.kept.sent(self.step.name, call.request_id, number, due_at)

    def _take(self, record: CallRecord) -> None:
        request = seen_by_caller(self.stage, self.step, 1, record)
        aside = self._aside(request)
        self.kept.ended(request, aside)
        if aside == "cut_off":
            return
        self.on_request(request)
        if aside:
            return
        self.requests.append(request)
        self.stage.left.requests.append(request)
        why = self.safety.saw(success=looks_whole(request))
        if why:
            self.wishes.stopped = self.wishes.stopped or why
            self.wishes.changed.set()

    def _aside(self, request: UserRequest) -> Aside:
        if request.transport_error == "cancelled":
            return "cut_off"
        return "paused" if self.pace.was_paused(request.scheduled_at) else ""

    def _keep_probe(self, probe: StateProbe) -> None:
        where = {"provider": probe.provider, "injection": probe.injection}
        self.stage.journal.note("state probe", **where, held=probe.held, saw=probe.saw)

    def _hits(self) -> dict[Key, int]:
        return {fault.key: self.hits_since(fault.key, self.began_at) for fault in self.step.faults}

    async def _end_load(self) -> None:
        if self._load is not None and not self._load.done():
            self._load.cancel()
            await asyncio.wait({self._load})
