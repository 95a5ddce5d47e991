"""What is entered in the thread serves there, and ends with the block, whatever happened in it."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from llmops.chaos.testing import in_thread
from llmops.chaos.testing.in_thread import InThread
from llmops.errors import OutsideFailed


@asynccontextmanager
async def noting(what: str, notes: list[str]) -> AsyncIterator[str]:
    notes.append(f"{what} on {threading.current_thread().name}")
    try:
        yield what
    finally:
        notes.append(f"{what} off")


def test_contexts_live_in_the_thread_and_end_last_first() -> None:
    notes: list[str] = []
    with InThread() as thread:
        assert thread.enter(noting("first", notes)) == "first"
        thread.enter(noting("second", notes))
        assert notes == ["first on llmops", "second on llmops"]
    assert notes[2:] == ["second off", "first off"]
    assert "llmops" not in {each.name for each in threading.enumerate()}


def test_all_ends_when_the_block_fails() -> None:
    notes: list[str] = []

    def interrupted() -> None:
        with InThread() as thread:
            thread.enter(noting("it", notes))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert notes[1:] == ["it off"]


def test_a_function_is_called_in_the_loop() -> None:
    with InThread() as thread:
        assert thread.call(lambda: (asyncio.get_running_loop().is_running(), threading.current_thread().name)) == (
            True,
            "llmops",
        )


def test_an_error_comes_out_where_it_was_caused() -> None:
    @asynccontextmanager
    async def failing() -> AsyncIterator[None]:
        raise ValueError("no")
        yield

    with InThread() as thread:
        with pytest.raises(ValueError, match="no"):
            thread.enter(failing())
        assert thread.call(lambda: "it goes on") == "it goes on"


def test_an_error_at_the_end_is_not_lost() -> None:
    @asynccontextmanager
    async def failing() -> AsyncIterator[None]:
        yield
        raise ValueError("at the end")

    with pytest.raises(ValueError, match="at the end"), InThread() as thread:
        thread.enter(failing())
    assert "llmops" not in {each.name for each in threading.enumerate()}


def test_what_never_begins_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = threading.Event()

    @asynccontextmanager
    async def hanging() -> AsyncIterator[None]:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()
        yield

    with InThread() as thread:
        monkeypatch.setattr(in_thread, "PATIENCE_S", 0.01)
        with pytest.raises(OutsideFailed, match=r"nothing came of it in 0\.01 s"):
            thread.enter(hanging())
        monkeypatch.undo()
        assert given_up.wait(10)
