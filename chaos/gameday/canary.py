"""The fault that proves the way back: on each listener, seen on requests of ours, and ended by its lease alone.

It goes straight to the proxy, so that the system under test and its breakers do not see it.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llmops.chaos.experiments.calls import PROVIDER_OF, calls, user_request
from llmops.chaos.experiments.driver import Driver, ProxyFailed
from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.journal import RunJournal
from llmops.chaos.experiments.planned_fault import planned_fault
from llmops.chaos.experiments.schema import Experiment, Injected
from llmops.chaos.experiments.stepping import ANY_KEY, Stopped
from llmops.chaos.load.asks import auth_headers
from llmops.chaos.load.client import run_load
from llmops.chaos.load.plan import LoadPlan

NAME = "llmops-canary"
MARK = "-canary-"  # in the ids of its requests
FAULT, SHOWS = "unavailable", 503  # what it injects, and the status that a caller then sees
DEADLINE_S = 15.0  # of each of its requests
LATE_S = 5.0  # how long after its lease it may still be there
POLL_S = 0.05
Keep = Callable[[UserRequest], None]


@dataclass(frozen=True)
class Canary:
    """What it stands on. `receipts` tells how often the proxy says that it hit a provider's requests since then."""

    experiment: Experiment
    driver: Driver
    proxies: dict[str, str]
    journal: RunJournal
    token: str
    lease_s: float
    receipts: Callable[[str, float], int]
    keep: Keep

    async def prove(self) -> None:
        """Every provider that the plan breaks; Stopped where one would not be whole again by itself."""
        names = dict.fromkeys(fault.provider for phase in self.experiment.phases for fault in phase.faults)
        try:
            async with asyncio.TaskGroup() as group:
                for name in names:
                    group.create_task(self._prove(name))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def _prove(self, provider: str) -> None:
        before = await self._ask(provider, 1)
        if before.status in (None, SHOWS):
            raise Stopped(f"rollback is not proven: {provider} gave {_seen(before)} before any fault was on")
        began, since = time.monotonic(), time.time() - 1
        await self.driver.inject(provider, self._toxic(provider), lease_s=self.lease_s)
        try:
            self.journal.step("canary on", provider=provider, lease_s=self.lease_s)
            during = await self._ask(provider, 2)
            await self._require_seen(provider, during, since)
            self.journal.note("canary seen", provider=provider, status=during.status)
            await self._ends(provider, began)
        except BaseException:
            await self._take_off(provider)
            raise
        after = await self._ask(provider, 3)
        if after.status != before.status:
            raise Stopped(
                f"rollback is not proven: {provider} gave {_seen(before)} before the canary and {_seen(after)} after it"
            )
        self.journal.note("healthy after the canary", provider=provider, status=after.status)

    async def _require_seen(self, provider: str, during: UserRequest, since: float) -> None:
        if during.status != SHOWS or not await self._has_receipt(provider, since):
            told = f"the canary was on, and a request of ours at {provider} saw {_seen(during)}"
            raise Stopped(f"rollback is not proven: {told}")

    async def _ends(self, provider: str, began: float) -> None:
        """Nobody renews it, nobody takes it off."""
        while (provider, NAME) in await self.driver.active():
            if time.monotonic() - began > self.lease_s + LATE_S:
                raise Stopped(
                    f"rollback is not proven: the canary on {provider} outlives its lease of {self.lease_s:g} s"
                )
            await asyncio.sleep(POLL_S)
        lasted_s = time.monotonic() - began
        if lasted_s < self.lease_s - POLL_S:
            raise Stopped(f"rollback is not proven: somebody took the canary off {provider} after {lasted_s:.1f} s")
        self.journal.step("canary ended by its lease", provider=provider, lease_s=self.lease_s, lasted_s=lasted_s)

    async def _has_receipt(self, provider: str, since: float) -> bool:
        limit = time.monotonic() + DEADLINE_S
        while not self.receipts(provider, since) and time.monotonic() < limit:  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(POLL_S)
        return self.receipts(provider, since) > 0

    async def _take_off(self, provider: str) -> None:
        try:
            await self.driver.clear(provider, NAME)
        except ProxyFailed:
            self.journal.note("the canary could not be taken off; its lease ends it", provider=provider)

    def _toxic(self, provider: str) -> dict[str, Any]:
        injected = Injected(provider=provider, fault=FAULT, name=NAME)
        return planned_fault(injected, self.experiment, requests=1, duration_s=self.lease_s, speed=1.0).toxic

    async def _ask(self, provider: str, number: int) -> UserRequest:
        """One request, as a system would send it, straight to the proxy."""
        experiment, base_url = self._speaking_to(provider), self.proxies[provider]
        run = f"{self.token}{MARK}{provider}-{number}"
        load = experiment.load
        plan = LoadPlan(
            base_url=base_url,
            calls=calls(experiment, (0.0,), base_url=base_url, run=run),
            deadline_s=DEADLINE_S,
            headers=auth_headers(load.dialect, ANY_KEY),
            ca_file=self.proxies.get("authority"),
        )
        (record,) = await run_load(plan)
        request = user_request(record, phase="canary", repetition=1, deadline_s=DEADLINE_S, truth=None)
        self.keep(request)
        return request

    def _speaking_to(self, name: str) -> Experiment:
        """The load in the provider's own dialect, of a model of its own."""
        provider, load = self.experiment.providers[name], self.experiment.load
        own = {kind: dialect for dialect, kind in PROVIDER_OF.items()}
        dialect = load.dialect if provider.simulate is None else own.get(provider.simulate, "openai_chat")
        more = {"dialect": dialect, "model": provider.models[0], "stream": False, "body": {}, "max_tokens": 16}
        return self.experiment.model_copy(update={"load": load.model_copy(update=more)})


def _seen(request: UserRequest) -> str:
    return request.transport_error or f"status {request.status}"


def is_ours(request_id: str | None) -> bool:
    """Whether a request was sent to see the canary, and not by the load."""
    return request_id is not None and MARK in request_id
