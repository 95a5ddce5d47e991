"""What the machines do together, for the stand-in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from llmops.infra.hosts.awake import Seen
from llmops.infra.hosts.config import Host
from llmops.infra.hosts.stand_in_state import Waking
from llmops.infra.stand_in import State

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def seen(*words: str) -> list[Seen]:
    return [Seen(Host(address=f"m{at}"), word) for at, word in enumerate(words)]  # type: ignore[arg-type]


@pytest.fixture
def moments() -> Callable[[], datetime]:
    """A clock that moves by a minute with every look."""
    told = iter(NOW + timedelta(minutes=at) for at in range(100))
    return lambda: next(told)


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (("asleep", "asleep"), "asleep"),
        (("asleep", "failed"), "asleep"),
        (("asleep", "unreachable"), "unknown"),  # the one that is not seen may serve
        (("unreachable",), "unknown"),
        (("waking", "unreachable"), "waking"),
        (("serving", "waking"), "awake"),
        (("serving", "unreachable"), "awake"),
    ],
)
def test_one_that_serves_is_enough_and_unknown_is_never_asleep(
    moments: Callable[[], datetime], words: tuple[str, ...], word: str
) -> None:
    assert Waking(moments).state(seen(*words)).word == word


def test_it_wakes_since_it_was_first_seen_to_and_forgets_that_afterwards(moments: Callable[[], datetime]) -> None:
    waking = Waking(moments)
    assert waking.state(seen("waking")) == State("waking", NOW)
    assert waking.state(seen("waking", "asleep")) == State("waking", NOW)
    assert waking.state(seen("asleep")) == State("asleep")
    assert waking.state(seen("waking")) == State("waking", NOW + timedelta(minutes=1))
