"""Runs one experiment: providers, proxy and system are started, then baseline → inject → recover; rollback always."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmops.chaos.experiments.abort import Watch
from llmops.chaos.experiments.calls import planned_calls, truth, user_request
from llmops.chaos.experiments.driver import LEASE_S, Driver, held
from llmops.chaos.experiments.evidence import Injection, Phase, StateProbe, UserRequest
from llmops.chaos.experiments.journal import RunJournal
from llmops.chaos.experiments.outcomes import is_whole
from llmops.chaos.experiments.plan import Plan, Step
from llmops.chaos.experiments.redaction import redactor
from llmops.chaos.experiments.running_proxy import joined
from llmops.chaos.experiments.simulated import proxy, upstreams
from llmops.chaos.experiments.state_probe import probed
from llmops.chaos.experiments.system import Running, running, secrets_of
from llmops.chaos.experiments.validity import HEALTHY_RATIO
from llmops.chaos.load.client import run_load
from llmops.chaos.load.plan import LoadPlan
from llmops.chaos.load.record import CallRecord
from llmops.errors import LlmopsError

if TYPE_CHECKING:
    from aiohttp import ClientSession

PROBE_EVERY_S = 0.25
SHOWN_CHARACTERS = 200  # of an answer that should have been another
MARGIN_S = 10.0  # of a step, beyond its load and the last answer's deadline

Progress = Callable[[str], None]


class Stopped(Exception):
    """An abort condition holds, or the baseline is not healthy: the run ends here, and says why."""


@dataclass
class Left:
    """What a run has left so far."""

    phases: list[Phase] = field(default_factory=list)
    requests: list[UserRequest] = field(default_factory=list)
    state_probes: list[StateProbe] = field(default_factory=list)
    broke_off: str = ""


class Runner:
    """One experiment, once. `run` starts everything, and has ended everything when it returns or raises."""

    def __init__(
        self, plan: Plan, folder: Path, *, token: str, progress: Progress = lambda _: None, lease_s: float = LEASE_S
    ) -> None:
        self.plan, self.folder, self._token = plan, folder, token
        self._progress, self._lease_s = progress, lease_s
        self._redact = redactor(secrets_of(plan.experiment.system))
        self.left = Left()

    async def run(self) -> Left:
        """What the run left. A run that cannot go on says why in `broke_off`; it is not an error of ours."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.journal = RunJournal(self.folder / "journal.jsonl", self._redact)
        self.journal.step(
            "began", experiment=self.plan.experiment.name, seed=self.plan.experiment.seed, speed=self.plan.speed
        )
        try:
            await self._run()
        except Stopped as why:
            self.left.broke_off = str(why)
        except LlmopsError as error:
            self.left.broke_off = self._redact(f"{error}: {error.hint}" if error.hint else str(error))
        except BaseException as error:
            self.left.broke_off = (
                "interrupted" if isinstance(error, asyncio.CancelledError) else f"{type(error).__name__}"
            )
            raise
        finally:
            self.journal.step("ended", broke_off=self.left.broke_off)
            self.journal.close()
        return self.left

    async def _run(self) -> None:
        from aiohttp import ClientSession

        experiment = self.plan.experiment
        async with AsyncExitStack() as stack:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="llmops-", ignore_cleanup_errors=True)))
            http = await stack.enter_async_context(ClientSession())
            proxies = await stack.enter_async_context(self._proxy(http, work))
            self.journal.step("proxy ready", **proxies)
            self._driver = Driver(http, proxies["control"], lease_s=self._lease_s)
            self._proxies = {name: url for name, url in proxies.items() if name != "control"}
            for repetition in range(1, experiment.repetitions + 1):
                await self._repetition(repetition, http, work / f"system-{repetition}")

    @asynccontextmanager
    async def _proxy(self, http: "ClientSession", work: Path) -> AsyncIterator[dict[str, str]]:
        """Base URLs of the providers' proxies, and of the control API."""
        experiment, journal = self.plan.experiment, self.folder / "proxy.jsonl"
        if experiment.proxy is not None:
            async with joined(experiment.proxy, experiment, http, journal) as found:
                yield found
            return
        self._progress("starting providers and proxy")
        async with upstreams(experiment, work) as upstream, proxy(experiment, upstream, journal, work) as found:
            yield found

    async def _repetition(self, repetition: int, http: "ClientSession", work: Path) -> None:
        """A fresh system, or one whose timers have run out: the baseline shows whether it has forgotten."""
        system = self.plan.experiment.system
        if repetition > 1 and system.url is not None:
            await asyncio.sleep(self.plan.longest_timer_s)
        self._progress("waiting for the system")
        work.mkdir()  # noqa: ASYNC240 - a folder of this machine
        async with running(system, self._proxies, http, work, self._redact) as runs:
            self.journal.step("system ready", repetition=repetition, base_url=runs.base_url)
            for step in self.plan.steps:
                await self._step(step, repetition, runs)
                if step.kind == "baseline":
                    self._require_health(repetition)

    def _require_health(self, repetition: int) -> None:
        """Nothing is broken where something is broken already. Stopped."""
        asked = [each for each in self.left.requests if (each.phase, each.repetition) == ("baseline", repetition)]
        whole = sum(map(is_whole, asked))
        if whole < HEALTHY_RATIO * len(asked):
            told = self._redact(_first_failure(asked))
            raise Stopped(f"the baseline is not healthy: {whole} of {len(asked)} answers were whole; {told}")

    async def _step(self, step: Step, repetition: int, runs: Running) -> None:
        limit_s = step.duration_s + self.plan.experiment.load.deadline_s + MARGIN_S
        self.journal.step(
            "phase began", phase=step.name, phase_kind=step.kind, repetition=repetition, planned_requests=step.requests
        )
        phase = Phase(step.name, step.kind, time.time(), 0.0, step.requests, repetition, step.injections)
        injections = step.injections
        try:
            async with asyncio.timeout(limit_s):
                async with held(self._driver, step.toxics):
                    for name in {each.provider for each in step.injections if each.below_http}:
                        await self._driver.sever(name)
                    injections = await self._read_back(step.injections)
                    await self._under_load(step, repetition, runs)
        except TimeoutError:
            raise Stopped(f"{step.name} was not over after {limit_s:g} s") from None
        finally:
            now = time.time()
            injections = tuple(replace(each, off_at=now if each.on_at else None) for each in injections)
            self.left.phases.append(replace(phase, ended_at=now, injections=injections))
            self.journal.step("phase ended", phase=step.name, repetition=repetition)

    async def _read_back(self, injections: tuple[Injection, ...]) -> tuple[Injection, ...]:
        """The same, with when the proxy was seen to have them."""
        active = set(await self._driver.active()) if injections else set()
        now = time.time()
        return tuple(replace(each, on_at=now if (each.provider, each.name) in active else None) for each in injections)

    async def _under_load(self, step: Step, repetition: int, runs: Running) -> None:
        async with self._watched_states(step.injections):
            loading = asyncio.ensure_future(self._load(step, repetition, runs))
            try:
                await loading
            finally:
                loading.cancel()

    async def _load(self, step: Step, repetition: int, runs: Running) -> None:
        experiment = self.plan.experiment
        load = experiment.load
        watch = Watch(experiment.abort if step.kind == "inject" else ())
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it runs
        reasons: list[str] = []
        taken = 0

        def take(record: CallRecord) -> None:
            request = user_request(
                record,
                phase=step.name,
                repetition=repetition,
                deadline_s=load.deadline_s,
                truth=truth(experiment, record),
            )
            self.left.requests.append(request)
            nonlocal taken
            taken += 1
            self._progress(f"{step.name} {taken}/{step.requests}")
            why = watch.saw(success=is_whole(request))
            if why and not reasons:
                reasons.append(why)
                task.cancel()

        offsets = [number / load.requests_per_second for number in range(step.requests)]
        calls = planned_calls(load, offsets, f"{self._token}-{repetition}-{step.name}")
        plan = LoadPlan(
            base_url=runs.base_url, calls=calls, deadline_s=load.deadline_s, headers=runs.headers, keep_bodies=True
        )
        try:
            await run_load(plan, on_record=take)
        except asyncio.CancelledError:
            if not reasons:
                raise
            task.uncancel()
            raise Stopped(f"{step.name}: {reasons[0]}") from None

    @asynccontextmanager
    async def _watched_states(self, injections: tuple[Injection, ...]) -> AsyncIterator[None]:
        """Look again and again whether faults below HTTP hold, by connections of our own."""
        looked_at = [each for each in injections if each.below_http and each.schedule.is_always]
        watching = asyncio.create_task(self._watch_states(looked_at))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    async def _watch_states(self, injections: list[Injection]) -> None:
        while injections:
            for each in injections:
                probe = await probed(each, self._proxies[each.provider], self._proxies.get("authority"))
                self.left.state_probes.append(probe)
                self.journal.note(
                    "state probe", provider=probe.provider, injection=probe.injection, held=probe.held, saw=probe.saw
                )
            await asyncio.sleep(PROBE_EVERY_S)


def _first_failure(requests: Sequence[UserRequest]) -> str:
    """What a person needs to mend it: the first answer that was not whole."""
    first = next(each for each in requests if not is_whole(each))
    said = (first.answer_body or b"").decode("utf-8", "replace").strip()[:SHOWN_CHARACTERS]
    how = first.transport_error or f"status {first.status}"
    return f"the first other one: {how} {said}".rstrip()
