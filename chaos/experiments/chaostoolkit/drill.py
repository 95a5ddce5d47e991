"""One drill at a proxy that runs already: what is on, what was sent, and what came of it; it lives in this process.

Chaos Toolkit hands nothing from one activity to the next, so the drill of each proxy is kept here, by the URL of its
control API. `clear_all` ends it; the next activity begins another.
"""

import asyncio
import atexit
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from llmops.chaos.experiments.assembly import evidence_of
from llmops.chaos.experiments.calls import offsets
from llmops.chaos.experiments.chaostoolkit.background import background
from llmops.chaos.experiments.chaostoolkit.proxy_lines import lines_since, settled
from llmops.chaos.experiments.driver import Driver, ProxyFailed
from llmops.chaos.experiments.evidence import Injection, PhaseKind
from llmops.chaos.experiments.expectations import expectations_of
from llmops.chaos.experiments.journal import RunJournal
from llmops.chaos.experiments.loader import Source
from llmops.chaos.experiments.plan import Plan, Step
from llmops.chaos.experiments.schema import Experiment, Hold
from llmops.chaos.experiments.state_probe import watched
from llmops.chaos.experiments.stepping import Left, Stage, Stopped, run_step
from llmops.chaos.experiments.system import Running
from llmops.chaos.experiments.verdict import ScenarioVerdict, judge
from llmops.errors import BadInput, OutsideFailed, nearest_hint

Key = tuple[str, str]
"""Provider and name of a fault."""
HERE = Source("drill")


class Control(Driver):
    """The control API, with what only a drill asks of it."""

    async def hits(self, provider: str, name: str) -> int:
        """How many requests (below HTTP: connections) the fault has hit. ProxyFailed where it is not on."""
        return int((await self._call("GET", f"/proxies/{provider}/toxics/{name}"))["hit"])

    async def reset(self) -> None:
        """End every fault, whoever began it."""
        await self._call("POST", "/reset")


class Drill:
    """All its coroutines run in the loop of `background`."""

    def __init__(self, control: str) -> None:
        self.control = control
        self.began_at = time.time()
        self.left = Left()
        self._on: dict[Key, Injection] = {}
        self._renewing: dict[Key, asyncio.Task[None]] = {}

    # --- faults

    async def inject(self, injection: Injection, toxic: Mapping[str, Any], lease_s: float) -> None:
        """Begin a fault, see that it is on, and hold it by renewed leases. ProxyFailed."""
        key = injection.provider, injection.name
        async with self._driver(lease_s) as driver:
            await driver.inject(injection.provider, toxic)
            self._renewing[key] = asyncio.create_task(self._renew(key, lease_s))
            if injection.below_http:  # one on new connections would not touch those that are open
                await driver.sever(injection.provider)
            if key not in await driver.active():
                raise ProxyFailed(f"{injection.name} on {injection.provider} was begun, and is not on")
        self._on[key] = replace(injection, on_at=time.time())

    async def clear(self, provider: str, name: str) -> None:
        """End a fault, and see that it is off; one that has ended already is no matter. ProxyFailed."""
        await self._let_go((provider, name))
        async with self._driver() as driver:
            await driver.clear(provider, name)
            if (provider, name) in await driver.active():
                raise ProxyFailed(f"{name} on {provider} is still on after its end")
        self._note_off((provider, name))

    async def clear_all(self) -> None:
        """End all faults of the proxy. ProxyFailed."""
        for key in [*self._renewing]:
            await self._let_go(key)
        async with self._driver() as driver:
            await driver.reset()
            if still := await driver.active():
                raise ProxyFailed(f"still on after their end: {still}")
        for key in [*self._on]:
            self._note_off(key)

    async def release(self) -> None:
        """End what this drill began and nobody ended."""
        for provider, name in [*self._renewing]:
            await self.clear(provider, name)

    async def hits(self, provider: str, name: str) -> int:
        async with self._driver() as driver:
            return await driver.hits(provider, name)

    async def active(self) -> list[Key]:
        async with self._driver() as driver:
            return await driver.active()

    async def _renew(self, key: Key, lease_s: float) -> None:
        while True:
            await asyncio.sleep(lease_s / 3)
            try:
                async with self._driver(lease_s) as driver:
                    await driver.renew(*key)
            except ProxyFailed as error:
                self.left.broke_off = self.left.broke_off or f"the lease of {key[1]} on {key[0]} was lost: {error}"
                return

    async def _let_go(self, key: Key) -> None:
        task = self._renewing.pop(key, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _note_off(self, key: Key) -> None:
        """In the evidence of every phase that it was on in."""
        was = self._on.pop(key, None)
        if was is None:
            return
        now = time.time()
        off = replace(was, off_at=now)
        for at, phase in enumerate(self.left.phases):
            if was in phase.injections:
                injections = tuple(off if each == was else each for each in phase.injections)
                self.left.phases[at] = replace(phase, injections=injections)

    # --- load

    async def ask(
        self, experiment: Experiment, name: str, kind: PhaseKind, hold: Hold, headers: Mapping[str, str]
    ) -> None:
        """Send the load of one phase, and keep what comes back. ProxyFailed; OutsideFailed where it was aborted."""
        if name in [phase.name for phase in self.left.phases]:
            hint = "give each phase a name of its own; clear_all begins another drill"
            raise BadInput(f"this drill has a phase {name!r} already", hint=hint)
        due = offsets(experiment.load, experiment.seed, count=hold.requests, duration_s=hold.duration_s)
        if not due:
            raise BadInput(f"{name} is too short for one request", hint="make it longer")
        step = Step(name, kind, due, hold.duration_s or due[-1] + 1 / experiment.load.requests_per_second)
        url, on = experiment.system.url or "", tuple(self._on.values())
        async with self._driver() as driver:
            proxies = await self._proxies(driver, experiment)
            plan = Plan(experiment, HERE, (step,), (), url)
            token = f"{self.began_at:.6f}".replace(".", "")
            stage = Stage(plan, driver, proxies, RunJournal(None), self.left, token, lambda _: None)
            try:
                async with watched(on, proxies, self.left.state_probes.append):
                    await run_step(stage, step, 1, Running(url.rstrip("/"), headers))
            except Stopped as why:
                self.left.broke_off = self.left.broke_off or str(why)
                await self.release()
                raise OutsideFailed(f"stopped, and every fault is off: {why}") from why
            finally:
                self.left.phases = [
                    replace(each, injections=on) if each.name == name else each for each in self.left.phases
                ]

    async def _proxies(self, driver: Driver, experiment: Experiment) -> dict[str, str]:
        listening = await driver.listening()
        for name in experiment.providers:
            if name not in listening:
                hint = nearest_hint(name, listening)
                raise BadInput(f"the proxy at {self.control} has no provider {name!r}", hint=hint)
        return {name: f"http://{listening[name]}" for name in experiment.providers}

    # --- what it means

    @property
    def has_injected(self) -> bool:
        """Whether a fault was on in any phase."""
        return any(phase.injections for phase in self.left.phases)

    async def verdict(self, experiment: Experiment, journal: str) -> ScenarioVerdict:
        """What all that was done and sent so far means. BadInput."""
        await settled(journal)
        plan = Plan(experiment, HERE, (), (), experiment.system.url or "")
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as copy:
            for line in lines_since(journal, self.began_at):
                copy.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            copy.flush()
            evidence = evidence_of(plan, self.left, Path(copy.name))
        return judge(evidence, expectations_of(experiment, HERE))

    @asynccontextmanager
    async def _driver(self, lease_s: float = 10.0) -> AsyncIterator[Control]:
        from aiohttp import ClientSession

        async with ClientSession() as http:
            yield Control(http, self.control.rstrip("/"), lease_s=lease_s)


_drills: dict[str, Drill] = {}


def drill_at(control: str) -> Drill:
    """The drill at this proxy; begun now where there is none."""
    return _drills.setdefault(control.rstrip("/"), Drill(control))


@contextmanager
def noted(control: str) -> Iterator[Drill]:
    """The drill, in which it is noted when the body fails: Chaos Toolkit goes on, and the verdict must not."""
    drill = drill_at(control)
    try:
        yield drill
    except Exception as error:
        drill.left.broke_off = drill.left.broke_off or f"an action failed: {error}"
        raise


def end(control: str) -> None:
    """Forget the drill at this proxy."""
    _drills.pop(control.rstrip("/"), None)


def release_all() -> Sequence[str]:
    """End what any drill began and nobody ended, and forget them; why a fault may still be on, of each that failed."""
    failed = []
    for control, drill in [*_drills.items()]:
        try:
            background().run(drill.release())
        except OutsideFailed as error:
            failed.append(str(error))
        end(control)
    return failed


@atexit.register
def _at_exit() -> None:
    if _drills:  # without a drill, no loop is begun
        with contextlib.suppress(Exception):  # the leases end what this cannot
            release_all()
