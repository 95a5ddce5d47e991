"""Holds a game day: the experiments' runner does the steps, a conductor says which, and all that is said is heard."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.plan import Plan
from llmops.chaos.experiments.processes import is_free
from llmops.chaos.experiments.runner import Runner
from llmops.chaos.gameday.canary import is_ours
from llmops.chaos.gameday.conductor import Conductor
from llmops.chaos.gameday.detecting import Detecting
from llmops.chaos.gameday.kept_requests import KeptRequests
from llmops.chaos.gameday.loader import GamedayPlan
from llmops.chaos.gameday.past import read_past
from llmops.chaos.gameday.run_folder import About, RunFolder, without_half_line
from llmops.chaos.gameday.snapshot import Snapshot, snapshot_of
from llmops.chaos.gameday.tally import Tally
from llmops.chaos.gameday.words import Word, word_of
from llmops.chaos.reliability.following import Follower
from llmops.errors import OutsideFailed
from llmops.ports import PriceOf

ROUND_S = 0.1  # between two looks at what was said and at what came by
PORTS_S = 20.0  # how long the children of a killed process may take to leave their ports
NOT_OF_USERS = ("canary", "warm_up")  # the detector learns nothing from them
Show = Callable[[Snapshot], None]


@dataclass(frozen=True)
class Holding:
    """One life of a run, on its folder."""

    plan: GamedayPlan
    steps: Plan
    folder: RunFolder
    about: About
    price_of: PriceOf | None
    show: Show

    async def hold(self) -> None:
        """Until it is over, however it ends; what it left is in the folder."""
        await self._clean_up()
        past = read_past(self.folder, self.steps)
        kept = KeptRequests(self.folder.requests)
        conductor = Conductor(self.plan, past, kept, Tally(self.price_of), self._detecting())
        ears = _Ears(self, conductor, past.began_at or time.time())
        ears.catch_up([each for each in past.kept.requests if past.kept.aside.get(each.id) not in NOT_OF_USERS])
        runner = Runner(
            self.steps,
            self.folder.path,
            token=self.about.token,
            lease_s=self.about.lease_s,
            progress=lambda text: setattr(conductor, "doing", text),
            act=conductor.act,
        )
        listening = asyncio.create_task(ears.listen())
        try:
            await runner.run()
        finally:
            listening.cancel()
            await asyncio.wait({listening})
            kept.close()
            ears.close()

    def _detecting(self) -> Detecting | None:
        detector, experiment = self.plan.gameday.detector, self.plan.experiment
        models = [model for provider in experiment.providers.values() for model in provider.models]
        return None if detector is None else Detecting(detector, models, experiment.seed)

    async def _clean_up(self) -> None:
        """What a killed process left: a half line, and children that are still on their way out."""
        for path in (self.folder.journal, self.folder.requests, self.folder.operator):
            without_half_line(path)
        await self._quiet(self.folder.proxy)
        without_half_line(self.folder.proxy)
        ports = [each.port for each in self.plan.experiment.providers.values() if each.port is not None]
        limit = time.monotonic() + (PORTS_S if self.folder.journal.exists() else 0.0)
        while busy := [port for port in ports if not is_free(port)]:
            if time.monotonic() > limit:
                raise OutsideFailed(f"port {busy[0]} is in use", hint="end what listens there, or change `port`")
            await asyncio.sleep(ROUND_S)

    async def _quiet(self, path: Path) -> None:
        before = None
        while path.exists() and before != (before := path.stat().st_size):  # noqa: ASYNC110, ASYNC240 - a file of this machine
            await asyncio.sleep(5 * ROUND_S)


class _Ears:
    """Follows what people say and what the proxy writes, and shows what comes of it."""

    def __init__(self, holding: Holding, conductor: Conductor, began_at: float) -> None:
        self._holding, self._conductor, self._began_at = holding, conductor, began_at
        running = holding.plan.experiment.proxy
        journal = holding.folder.proxy if running is None else Path(running.journal)
        self._proxy = Follower(journal, from_end=running is not None)
        self._operator = Follower(holding.folder.operator)

    def catch_up(self, requests: list[UserRequest]) -> None:
        """What earlier processes saw: it is learned from, and told no second time."""
        self._conductor.words += self._said()
        self._take_proxy()
        if self._holding.plan.experiment.proxy is None:  # else the tally knows no attempts from before
            self._conductor.earlier += requests
            self._conductor.recent += requests
        detecting = self._conductor.detecting
        if detecting is not None:
            for request in requests:
                detecting.take_request(request)
            detecting.openings.clear()

    async def listen(self) -> None:
        """A run that nobody hears any more, and whose cost nobody counts, must not go on: it is stopped."""
        try:
            while True:
                self._round()
                await asyncio.sleep(ROUND_S)
        except Exception as error:  # noqa: BLE001 - whatever it is: the run is INVALID, and says why
            self._conductor.stop(f"the run could not be followed any more: {type(error).__name__}: {error}")

    def _said(self) -> list[Word]:
        return [word for word in map(word_of, self._operator.lines()) if word is not None]

    def _round(self) -> None:
        conductor = self._conductor
        for word in self._said():
            conductor.hear(word)
        self._take_proxy()
        if conductor.detecting is not None:
            conductor.detecting.tick()
            conductor.tell_openings()
        cap = self._holding.plan.gameday.safety.abort_when.usd_over
        if cap is not None and (why := conductor.tally.spent.over(cap)):
            conductor.stop(why)
        blind = self._holding.about.blind
        self._holding.show(snapshot_of(self._holding.plan, conductor, self._began_at, blind=blind))

    def _take_proxy(self) -> None:
        raws = [raw for raw in self._proxy.lines() if raw.strip()]
        lines = [orjson.loads(raw) for raw in raws]
        self._conductor.tally.take(lines)
        if self._conductor.detecting is not None:
            for raw, line in zip(raws, lines, strict=True):
                if not is_ours(line.get("request_id")):
                    self._conductor.detecting.take_line(raw)

    def close(self) -> None:
        self._proxy.close()
        self._operator.close()
