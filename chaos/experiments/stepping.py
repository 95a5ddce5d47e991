"""One step of a run: its faults are held, its load is sent, and what came back is kept."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from llmops.chaos.experiments.abort import Watch
from llmops.chaos.experiments.calls import calls, truth, user_request
from llmops.chaos.experiments.driver import Driver, Held, held
from llmops.chaos.experiments.evidence import Injection, Phase, StateProbe, UserRequest
from llmops.chaos.experiments.journal import RunJournal
from llmops.chaos.experiments.outcomes import looks_whole
from llmops.chaos.experiments.plan import Plan, Step
from llmops.chaos.experiments.state_probe import watched
from llmops.chaos.experiments.system import Running
from llmops.chaos.load.asks import auth_headers
from llmops.chaos.load.client import run_load
from llmops.chaos.load.plan import LoadPlan, PlannedCall
from llmops.chaos.load.record import CallRecord

MARGIN_S = 10.0  # of a step, beyond its load and the last answer's deadline
ANY_KEY = "llmops-load"  # for a system that wants one, whatever it is


class Stopped(Exception):
    """The run cannot go on, and says why."""


@dataclass
class Left:
    """What a run has left so far."""

    phases: list[Phase] = field(default_factory=list)
    requests: list[UserRequest] = field(default_factory=list)
    state_probes: list[StateProbe] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    broke_off: str = ""
    system_ended: str = ""  # with which exit code, in which phase, and its last words


@dataclass(frozen=True)
class Stage:
    """What the steps of a run stand on."""

    plan: Plan
    driver: Driver
    proxies: dict[str, str]  # base URL of each provider's proxy, and `authority`
    journal: RunJournal
    left: Left
    token: str  # makes its requests unlike those of any other run, so that no cache knows them
    progress: Callable[[str], None]


Act = Callable[[Stage, Step, int, Running], Awaitable[None]]
"""Does one step, of a repetition, on a system that runs: `run_step`, or what a game day does in its place."""


async def run_step(stage: Stage, step: Step, repetition: int, system: Running) -> None:
    """Its faults are off when this ends, however it ends. Stopped, or ProxyFailed."""
    limit_s = step.duration_s + stage.plan.experiment.load.deadline_s + MARGIN_S
    told = {"phase": step.name, "repetition": repetition}
    stage.journal.step("phase began", **told, phase_kind=step.kind, planned_requests=step.requests)
    phase = Phase(step.name, step.kind, time.time(), 0.0, step.requests, repetition, step.injections)
    state = Held()
    try:
        async with asyncio.timeout(limit_s), held(stage.driver, step.toxics) as state:
            phase = replace(phase, injections=await read_back(stage.driver, step.injections))
            await _under_load(stage, step, repetition, system)
    except TimeoutError:
        raise Stopped(f"{step.name} was not over after {limit_s:g} s") from None
    finally:
        injections = tuple(map(_off, phase.injections)) if state.off else phase.injections
        stage.left.phases.append(replace(phase, ended_at=time.time(), injections=injections))
        stage.journal.step("phase ended", **told)


async def read_back(driver: Driver, injections: tuple[Injection, ...]) -> tuple[Injection, ...]:
    """The same, with when the proxy was seen to have them; connections from before are gone."""
    for provider in sorted({each.provider for each in injections if each.below_http}):
        await driver.sever(provider)
    active = set(await driver.active()) if injections else set()
    now = time.time()
    return tuple(replace(each, on_at=now if (each.provider, each.name) in active else None) for each in injections)


def _off(injection: Injection) -> Injection:
    return injection if injection.on_at is None else replace(injection, off_at=time.time())


async def _under_load(stage: Stage, step: Step, repetition: int, system: Running) -> None:
    def keep(probe: StateProbe) -> None:
        stage.left.state_probes.append(probe)
        where = {"provider": probe.provider, "injection": probe.injection}
        stage.journal.note("state probe", **where, held=probe.held, saw=probe.saw)

    async with watched(step.injections, stage.proxies, keep):
        await asyncio.create_task(_Loading(stage, step, repetition).send(system))


def calls_of(stage: Stage, step: Step, repetition: int, system: Running) -> Iterator[PlannedCall]:
    """The requests of a step; the same run asks the same."""
    run = f"{stage.token}-{repetition}-{step.name}"
    return calls(stage.plan.experiment, step.offsets, base_url=system.base_url, run=run)


def load_plan(stage: Stage, system: Running, planned: Iterable[PlannedCall]) -> LoadPlan:
    """These requests, to this system."""
    load = stage.plan.experiment.load
    own = {name.lower(): value for name, value in system.headers.items()}
    return LoadPlan(
        base_url=system.base_url,
        calls=planned,
        deadline_s=load.deadline_s,
        headers={**auth_headers(load.dialect, ANY_KEY), **own},
        keep_bodies=True,
    )


def seen_by_caller(stage: Stage, step: Step, repetition: int, record: CallRecord) -> UserRequest:
    """A request of a step as its sender saw it; what it caused is known at the end."""
    experiment = stage.plan.experiment
    return user_request(
        record,
        phase=step.name,
        repetition=repetition,
        deadline_s=experiment.load.deadline_s,
        truth=truth(experiment, record),
    )


class _Loading:
    """The load of a step, until it is all sent and answered, or an abort condition holds."""

    def __init__(self, stage: Stage, step: Step, repetition: int) -> None:
        self._stage, self._step, self._repetition = stage, step, repetition
        self._watch = Watch(stage.plan.experiment.abort if step.kind == "inject" else ())
        self._taken, self._why = 0, ""

    async def send(self, system: Running) -> None:
        """A task of its own: an abort condition cancels it. Stopped."""
        self._task = asyncio.current_task()
        try:
            await run_load(self._load(system), on_record=self._take)
        except asyncio.CancelledError:
            if not self._why:
                raise
            raise Stopped(f"{self._step.name}: {self._why}") from None

    def _load(self, system: Running) -> LoadPlan:
        return load_plan(self._stage, system, calls_of(self._stage, self._step, self._repetition, system))

    def _take(self, record: CallRecord) -> None:
        request = seen_by_caller(self._stage, self._step, self._repetition, record)
        self._stage.left.requests.append(request)
        self._taken += 1
        self._stage.progress(f"{self._step.name} {self._taken}/{self._step.requests}")
        self._why = self._why or self._watch.saw(success=looks_whole(request))
        if self._why and self._task is not None:
            self._task.cancel()
