"""What is begun in the background goes on there, in one thread; who waits may be interrupted."""

import asyncio
import threading

import pytest

from llmops.chaos.experiments.chaostoolkit.background import background


async def thread() -> threading.Thread:
    return threading.current_thread()


def test_all_is_run_in_one_daemon_thread_of_its_own() -> None:
    first, second = background().run(thread()), background().run(thread())
    assert first is second
    assert first is not threading.main_thread()
    assert first.daemon


def test_what_was_begun_goes_on_between_calls() -> None:
    async def begin() -> asyncio.Event:
        done = asyncio.Event()
        asyncio.get_running_loop().call_later(0.02, done.set)
        return done

    async def wait(done: asyncio.Event) -> bool:
        async with asyncio.timeout(5):
            return await done.wait()

    assert background().run(wait(background().run(begin())))


def test_an_error_comes_back() -> None:
    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        background().run(fail())
