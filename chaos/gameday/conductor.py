"""Runs the steps of a game day in their order, once each, however many processes that takes; people may step in."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.outcomes import looks_whole
from llmops.chaos.experiments.plan import Step
from llmops.chaos.experiments.stepping import Stage, Stopped, calls_of, load_plan, seen_by_caller
from llmops.chaos.experiments.system import Running
from llmops.chaos.experiments.validity import HEALTHY_RATIO
from llmops.chaos.gameday.canary import NAME as CANARY
from llmops.chaos.gameday.canary import Canary
from llmops.chaos.gameday.clock import stood_s
from llmops.chaos.gameday.detecting import Detecting
from llmops.chaos.gameday.kept_requests import KeptRequests
from llmops.chaos.gameday.loader import GamedayPlan
from llmops.chaos.gameday.past import CRASHED, Past
from llmops.chaos.gameday.phase import Begun, RunningPhase, Wishes
from llmops.chaos.gameday.safety import Safety
from llmops.chaos.gameday.tally import Tally
from llmops.chaos.gameday.words import Word
from llmops.chaos.load.client import run_load
from llmops.chaos.load.record import CallRecord

WARM_UP = 5  # requests, one after another: what a system loads for its first answer is no part of any baseline
CHECKED_AGAIN = 20  # requests of the baseline that a resumed run is looked at with
RUNNING = "running"
RECENT = 100  # requests, of whichever phase, that are shown where phases are not


@dataclass
class Conductor:
    """One life of a run. `act` is what the experiments' runner calls for each step."""

    plan: GamedayPlan
    past: Past  # as it was when this process began
    kept: KeptRequests
    tally: Tally
    detecting: Detecting | None = None
    wishes: Wishes = field(default_factory=Wishes)
    doing: str = "starting"
    phase: RunningPhase | None = None  # that is under way, or was last
    words: list[Word] = field(default_factory=list)
    recent: deque[UserRequest] = field(default_factory=lambda: deque(maxlen=RECENT))
    earlier: list[UserRequest] = field(default_factory=list)  # of processes before, that are shown with those of now
    _stage: Stage | None = None
    _openings_told: int = 0
    _gap_told: bool = False

    # --- what people and conditions say

    def hear(self, word: Word) -> None:
        """Something that was said at a second terminal."""
        self.words.append(word)
        if word.what in ("pause", "go_on"):
            self.wishes.paused = word.what == "pause"
        elif word.what == "skip":
            self.wishes.skipped = self.doing == RUNNING
        elif word.what == "abort":
            self.stop(f"aborted by the operator{f': {word.text}' if word.text else ''}")
        self.wishes.changed.set()

    def stop(self, why: str) -> None:
        """End the faults, and then the run. The first reason stays."""
        self.wishes.stopped = self.wishes.stopped or why
        self.wishes.changed.set()

    def tell_openings(self) -> None:
        """Journal what the detector has found since the last time."""
        if self.detecting is None or self._stage is None:
            return
        for one in self.detecting.openings[self._openings_told :]:
            self._stage.journal.note("detector opened", at_s=one.at, where=one.where, why=one.why)
            self._openings_told += 1

    # --- the steps

    async def act(self, stage: Stage, step: Step, _repetition: int, system: Running) -> None:
        """One step, or what is left of it. Stopped, ProxyFailed."""
        self._stage = stage
        self._require_going_on()
        if step.kind == "baseline":
            await self._baseline(stage, step, system)
        elif not self.past.finished(step.name):
            await self._run_phase(stage, step, system, self._begun(stage, step))

    async def _baseline(self, stage: Stage, step: Step, system: Running) -> None:
        await self._warm_up(stage, step, system)
        if self.past.finished(step.name):
            await self._check_again(stage, step, system)
        else:
            await self._run_phase(self._apart(stage), step, system, None)
        self._require_whole(stage, step)
        if not self.past.rollback_proven:
            await self._prove_rollback(stage)

    def _apart(self, stage: Stage) -> Stage:
        """Its requests are unlike those that an earlier process has sent."""
        return replace(stage, token=f"{stage.token}r{self.past.lives}") if self.past.lives else stage

    async def _run_phase(self, stage: Stage, step: Step, system: Running, begun: Begun | None) -> None:
        self.phase = RunningPhase(
            stage=stage,
            step=step,
            system=system,
            wishes=self.wishes,
            kept=self.kept,
            safety=Safety(self.plan, step),
            hits_since=self.tally.hits_since,
            on_request=self._saw,
            begun=begun,
            life=self.past.lives,
            requests=[] if begun is None else self.seen_before(step),
        )
        self.doing = RUNNING
        try:
            await self.phase.run()
        finally:
            self.wishes.skipped = False  # it was for this one

    def seen_before(self, step: Step) -> list[UserRequest]:
        """What earlier processes saw of it, without what was sent in a pause."""
        aside = self.past.kept.aside
        return [each for each in self.earlier if each.phase == step.name and each.id not in aside]

    def _saw(self, request: UserRequest) -> None:
        self.recent.append(request)
        if self.detecting is not None:
            self.detecting.take_request(request)

    async def _warm_up(self, stage: Stage, step: Step, system: Running) -> None:
        """These are not judged, and the detector does not learn from them."""
        self.doing = "warming the system up"
        few = replace(step, offsets=(0.0,) * min(WARM_UP, step.requests))
        apart = replace(stage, token=f"{stage.token}w{self.past.lives}")
        planned = replace(load_plan(stage, system, calls_of(apart, few, 1, system)), connections=1)

        def take(record: CallRecord) -> None:
            self.kept.ended(seen_by_caller(stage, few, 1, record), "warm_up")

        await self._unless_stopped(run_load(planned, on_record=take))
        stage.journal.step("warmed up", requests=few.requests)

    async def _check_again(self, stage: Stage, step: Step, system: Running) -> None:
        """A resumed run breaks nothing unless all is well once more; these requests are not judged."""
        self.doing = "checking the baseline again"
        few, apart = replace(step, offsets=step.offsets[:CHECKED_AGAIN]), self._apart(stage)
        stage.journal.step("baseline checked again", requests=few.requests)

        def take(record: CallRecord) -> None:
            request = seen_by_caller(stage, few, 1, record)
            stage.left.requests.append(request)
            self.kept.ended(request, "check")
            self._saw(request)

        planned = load_plan(stage, system, calls_of(apart, few, 1, system))
        await self._unless_stopped(run_load(planned, on_record=take))

    def _require_whole(self, stage: Stage, step: Step) -> None:
        """The runner asks the same, but later: no canary must fly over what is broken already."""
        asked = [each for each in stage.left.requests if each.phase == step.name]
        whole = sum(map(looks_whole, asked))
        if whole < HEALTHY_RATIO * len(asked):
            first = next(each for each in asked if not looks_whole(each))
            how = first.transport_error or f"status {first.status}"
            raise Stopped(
                f"the baseline is not healthy: {whole} of {len(asked)} answers were whole; the first other one: {how}"
            )

    async def _prove_rollback(self, stage: Stage) -> None:
        self.doing = "proving that rollback works"
        canary = Canary(
            experiment=stage.plan.experiment,
            driver=stage.driver,
            proxies=stage.proxies,
            journal=stage.journal,
            token=self._apart(stage).token,
            lease_s=self.plan.gameday.safety.canary.lease_s,
            receipts=lambda provider, since: self.tally.hits_since((provider, CANARY), since),
            keep=lambda request: self.kept.ended(request, "canary"),
        )
        await self._unless_stopped(canary.prove())
        stage.journal.step("rollback proven", lease_s=canary.lease_s)

    async def _unless_stopped(self, doing: Coroutine[object, object, object]) -> None:
        """Break it off when the run must stop."""
        task = asyncio.ensure_future(doing)
        try:
            while not task.done():
                await self.wishes.wait(task)
                self._require_going_on()
            task.result()
        finally:
            task.cancel()
            await asyncio.wait({task})

    def _begun(self, stage: Stage, step: Step) -> Begun | None:
        """How far an earlier process came with it; what the crash took of the clock is journaled."""
        past, cut = self.past, self.past.interrupted
        if not past.lives or self._gap_told:
            return None
        self._gap_told = True
        is_cut = cut is not None and cut.step.name == step.name
        since = past.last_sign_at if is_cut else max((each.ended_at or 0.0 for each in past.phases), default=0.0)
        if not since:  # cut off before its first phase was over: the clock had not begun
            return None
        name = step.name if is_cut else ""
        stage.journal.step("clock stood", from_at=since, to_at=time.time(), why=CRASHED, phase=name)
        if not is_cut or cut is None:
            return None
        elapsed_s = since - cut.began_at - (stood_s(since, past.gaps) - stood_s(cut.began_at, past.gaps))
        return Begun(elapsed_s, past.kept.sent.get(step.name, 0), cut.began_at)

    def _require_going_on(self) -> None:
        if self.wishes.stopped:
            raise Stopped(self.wishes.stopped)
