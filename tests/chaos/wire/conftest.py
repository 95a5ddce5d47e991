"""The sample answers, and an observer fed event by event."""

from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Answered, Dialect

ANSWERS = Path(__file__).parents[1] / "answers"


@pytest.fixture
def answer() -> Callable[..., bytes]:
    def read(dialect: str, what: str = "text", *, stream: bool = False) -> bytes:
        return (ANSWERS / f"{dialect}_{what}.{'sse' if stream else 'json'}").read_bytes()

    return read


@pytest.fixture
def observed() -> Callable[..., tuple[Answered, list[int]]]:
    """What an observer made of an answer, and the numbers of the events with which it saw the first visible piece."""

    def observe(dialect: Dialect, data: bytes, *, stream: bool) -> tuple[Answered, list[int]]:
        observer = dialect.observer()
        if not stream:
            observer.body(data)
            return observer.answered, []
        first = [at for at, raw in enumerate(sse.split_all(data)) if observer.event(raw)]
        return observer.answered, first

    return observe
