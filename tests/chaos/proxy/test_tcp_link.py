"""One direction of a connection, on socket pairs: toxics that come, change and go, and the bytes they may not lose."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

import pytest

from llmops.chaos.proxy.tcp_link import Link
from llmops.chaos.toxics.base import Toxic
from llmops.chaos.toxics.latency import Latency
from llmops.chaos.toxics.limit_data import LimitData
from llmops.chaos.toxics.noop import Noop
from llmops.chaos.toxics.reset_peer import ResetPeer
from llmops.chaos.toxics.slow_close import SlowClose
from llmops.chaos.toxics.timeout import Timeout

FOREVER_MS = 60_000


@dataclass
class Ends:
    """What speaks into the link, and what listens behind it."""

    link: Link
    speaker: asyncio.StreamWriter
    listener: asyncio.StreamReader
    running: "asyncio.Task[None]"

    def add(self, toxic: Toxic, name: str = "t") -> None:
        self.link.add(name, toxic, Random(0))

    async def say(self, data: bytes) -> None:
        """Said, and read by the link."""
        wanted = self.link.received_bytes + len(data)
        self.speaker.write(data)
        while self.link.received_bytes < wanted:  # noqa: ASYNC110 - a link tells nobody what it has read
            await asyncio.sleep(0)

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


def play(scenario: Callable[[Ends], Awaitable[None]], *, limit_s: float = 5) -> None:
    async def main() -> None:
        pairs = [socket.socketpair(), socket.socketpair()]
        opened = [await asyncio.open_connection(sock=sock) for pair in pairs for sock in pair]
        (_, speaker), (reader, source), (_, writer), (listener, listening) = opened
        link = Link(reader, source, writer)
        running = asyncio.create_task(link.run())
        try:
            async with asyncio.timeout(limit_s):
                await scenario(Ends(link, speaker, listener, running))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            for end in (speaker, source, writer, listening):
                end.transport.abort()
            await asyncio.sleep(0)

    asyncio.run(main())


def test_without_toxics_all_passes_is_counted_and_the_end_too() -> None:
    async def scenario(ends: Ends) -> None:
        await ends.say(b"abc")
        ends.speaker.close()
        assert await ends.listener.read(-1) == b"abc"
        await ends.running
        assert (ends.link.received_bytes, ends.link.sent_bytes) == (3, 3)

    play(scenario)


def test_a_toxic_acts_on_what_comes_after_it_and_not_on_what_is_past() -> None:
    async def scenario(ends: Ends) -> None:
        await ends.say(b"before")
        assert await ends.listener.readexactly(6) == b"before"
        ends.add(Timeout(0))
        await ends.say(b"dropped")
        await ends.settle()
        assert ends.link.sent_bytes == 6

    play(scenario)


def test_what_a_toxic_holds_goes_on_in_order_when_it_is_taken_away() -> None:
    async def scenario(ends: Ends) -> None:
        ends.add(Latency(FOREVER_MS))
        await ends.say(b"first ")
        await ends.say(b"second")
        await ends.link.remove("t")
        await ends.say(b" third")
        assert await ends.listener.readexactly(18) == b"first second third"

    play(scenario)


@pytest.mark.parametrize("toxic", [SlowClose(FOREVER_MS), ResetPeer(FOREVER_MS), Timeout(FOREVER_MS), Latency()])
def test_an_end_that_came_under_a_toxic_still_comes_when_it_is_taken_away(toxic: Toxic) -> None:
    async def scenario(ends: Ends) -> None:
        ends.add(toxic)
        ends.speaker.close()
        await ends.settle()
        await ends.link.remove("t")
        assert await ends.listener.read(-1) == b""
        await ends.running

    play(scenario)


def test_a_reset_that_is_taken_away_in_time_has_lost_nothing() -> None:
    async def scenario(ends: Ends) -> None:
        ends.add(ResetPeer(FOREVER_MS))
        await ends.say(b"kept")
        await ends.settle()
        await ends.link.remove("t")
        assert await ends.listener.readexactly(4) == b"kept"

    play(scenario)


async def clog(ends: Ends) -> int:
    """Say more than the system holds for a listener that does not read, until every stage is stuck; how much it was."""
    said, piece, same = 0, b"x" * 32_768, 0
    while same < 5:  # one chunk is in the writer's hands, one in each queue, one in the toxic's
        before = ends.link.sent_bytes
        ends.speaker.write(piece)
        said += len(piece)
        await asyncio.sleep(0.01)
        same = same + 1 if ends.link.sent_bytes == before else 0
    return said


@pytest.mark.parametrize("toxic", [Noop(), Latency(), LimitData(10**9)])
def test_a_listener_that_does_not_read_holds_up_no_change(toxic: Toxic) -> None:
    """Or the request that takes the toxic away would wait for the client, and so would the end of its lease."""

    async def scenario(ends: Ends) -> None:
        ends.add(toxic)
        said = await clog(ends)
        async with asyncio.timeout(0.5):
            await ends.link.change("t", Latency())
            await ends.link.remove("t")
            ends.add(Timeout(0), "u")
            await ends.link.remove("u")
        assert len(await ends.listener.readexactly(ends.link.sent_bytes)) <= said

    play(scenario)


def test_a_limit_counts_over_changes_and_from_where_the_dice_let_it_begin() -> None:
    async def scenario(ends: Ends) -> None:
        ends.add(Noop(), "spared")
        ends.add(LimitData(100), "limit")
        await ends.say(b"x" * 6)
        await ends.settle()
        await ends.link.change("limit", LimitData(8))  # 2 more
        await ends.link.change("spared", LimitData(3))  # 3 from here on: more than the other lets through
        await ends.say(b"y" * 6)
        assert await ends.listener.read(-1) == b"x" * 6 + b"yy"

    play(scenario)


def test_a_toxic_that_closes_when_it_goes_ends_the_connection() -> None:
    async def scenario(ends: Ends) -> None:
        ends.add(Timeout(0))
        await ends.say(b"dropped")
        await ends.link.remove("t")
        assert await ends.listener.read(-1) == b""

    play(scenario)


def test_a_change_of_another_name_changes_nothing() -> None:
    async def scenario(ends: Ends) -> None:
        ends.add(Timeout(0))
        await ends.link.change("other", Noop())
        await ends.link.remove("other")
        await ends.say(b"dropped")
        await ends.settle()
        assert ends.link.sent_bytes == 0

    play(scenario)
