"""Plays a Chaos Toolkit experiment: hypothesis, method, hypothesis; rollbacks always, however it ends.

What differs from Chaos Toolkit is written down in docs/chaos-toolkit.md: an action that failed ends the method and
makes the run INVALID, tolerances in the method are evaluated, and nothing waits for ever.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from llmops.chaos.experiments.chaostoolkit.activity import Activity
from llmops.chaos.experiments.chaostoolkit.document import Document
from llmops.chaos.experiments.chaostoolkit.providers.base import ActivityFailed
from llmops.chaos.experiments.chaostoolkit.providers.python import Interrupt
from llmops.chaos.proxy.journal import utc_now
from llmops.errors import NoData

Where = Literal["before", "method", "after", "rollbacks"]
Sleep = Callable[[float], Awaitable[object]]


@dataclass
class Item:
    """One activity that was begun, and what came of it."""

    activity: Activity
    where: Where
    began_at: datetime
    ended_at: datetime | None = None
    output: Any = None
    failure: str = ""  # why it could not be carried out
    error: Exception | None = None
    met: bool | None = None  # None: it has no tolerance, or nothing that could be compared

    @property
    def succeeded(self) -> bool:
        return self.ended_at is not None and not self.failure

    @property
    def proves_nothing(self) -> bool:
        """Whether it said itself that there was nothing to judge by."""
        return isinstance(self.error, NoData)


@dataclass
class Played:
    """What a run left, so far."""

    began_at: datetime
    ended_at: datetime | None = None
    items: list[Item] = field(default_factory=list)
    broke_off: str = ""  # why the method was not played to its end
    interrupted: bool = False

    def of(self, where: Where) -> list[Item]:
        return [item for item in self.items if item.where == where]


class Broken(Exception):
    """The experiment cannot go on, and says why."""


class Engine:
    """One run of one experiment."""

    def __init__(
        self,
        document: Document,
        *,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
        tell: Callable[[Item], object] = lambda _: None,
    ) -> None:
        self._document, self._now, self._sleep, self._tell = document, now, sleep, tell
        self.played = Played(now())

    async def run(self) -> Played:
        """What it left. When it is cancelled, rollbacks are played before this ends."""
        try:
            await self._play()
        except Broken as why:
            self.played.broke_off = str(why)
        except asyncio.CancelledError:
            self.played.broke_off, self.played.interrupted = "the run was interrupted", True
            raise
        finally:
            await self._all(self._document.rollbacks, "rollbacks")
            self.played.ended_at = self._now()
        return self.played

    async def _play(self) -> None:
        if not await self._hypothesis("before"):
            raise Broken("the steady state was not met before anything was done")
        await self._all(self._document.method, "method")
        await self._hypothesis("after")

    async def _hypothesis(self, where: Literal["before", "after"]) -> bool:
        """Whether all tolerances are met; the first that is not ends it."""
        for probe in self._document.hypothesis:
            item = await self._one(probe, where)
            if not item.met:
                return False
        return True

    async def _all(self, activities: Sequence[Activity], where: Where) -> None:
        """One after another, those in the background beside them. Broken by an action of the method that failed."""
        background: list[asyncio.Task[Item]] = []
        try:
            for activity in activities:
                if activity.background:
                    background.append(asyncio.create_task(self._one(activity, where)))
                else:
                    self._check(await self._one(activity, where))
            for item in await asyncio.gather(*background):
                self._check(item)
        finally:
            await _ended(background)

    def _check(self, item: Item) -> None:
        if item.where != "method":
            return
        if isinstance(item.error, Interrupt):
            self.played.interrupted = True
            raise Broken(f"{item.activity.name!r} stopped the experiment: {item.failure}")
        if item.failure and item.activity.type == "action":
            raise Broken(f"the action {item.activity.name!r} failed: {item.failure}")

    async def _one(self, activity: Activity, where: Where) -> Item:
        await self._pause(activity.before_s)
        item = Item(activity, where, self._now())
        self.played.items.append(item)
        try:
            async with asyncio.timeout(activity.limit_s):
                item.output = await activity.provider.call(self._document.values)
        except TimeoutError:
            item.failure = f"it took longer than {activity.limit_s:g} s"
        except (ActivityFailed, NoData) as error:
            item.failure, item.error = str(error), error
        except asyncio.CancelledError:
            item.failure = "it was interrupted"
            raise
        finally:
            item.ended_at = self._now()
        await self._judge(item)
        self._tell(item)
        await self._pause(activity.after_s)
        return item

    async def _judge(self, item: Item) -> None:
        activity = item.activity
        if activity.type == "action" and not item.failure:
            item.failure = activity.provider.problem(item.output)
        if activity.tolerance is not None and item.where != "rollbacks":  # there nothing is judged any more
            item.met = not item.failure and await activity.tolerance.met(item.output, self._document.values)

    async def _pause(self, seconds: float) -> None:
        if seconds:
            await self._sleep(seconds)


def traceback_of(error: Exception | None) -> list[str]:
    """As Chaos Toolkit's journals tell it."""
    return [] if error is None else traceback.format_exception(type(error), error, None)


async def _ended(tasks: Sequence["asyncio.Task[Item]"]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
