"""The live view of a game day: a screen on a terminal, else a line now and then; and the report at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from llmops.live import screen

if TYPE_CHECKING:
    from llmops.chaos.gameday.snapshot import Snapshot

LINE_EVERY_S = 10.0


@contextmanager
def shown(*, plain: bool) -> "Iterator[Callable[[Snapshot], None]]":
    """What is given snapshots shows them on stderr."""
    lines = _Lines()
    if plain:
        yield lines.show
        return
    with screen() as draw:
        if draw is None:
            yield lines.show
        else:
            from llmops.chaos.gameday.board import screen_of

            yield lambda shot: draw(screen_of(shot))


class _Lines:
    """A line where something has changed, and every ten seconds."""

    def __init__(self) -> None:
        self._last: tuple[object, ...] = ()
        self._told_at = -LINE_EVERY_S
        self._events_told = 0.0

    def show(self, shot: "Snapshot") -> None:
        from llmops.chaos.gameday.snapshot import line_of

        for event in shot.events:
            if event.at > self._events_told:
                self._events_told = event.at
                typer.echo(f"{shot.run_s:4.0f} s · {event.text}", err=True)
        now = (shot.doing, "" if shot.blind else shot.phase, shot.paused, () if shot.blind else shot.faults)
        if now != self._last or shot.run_s - self._told_at >= LINE_EVERY_S:
            self._last, self._told_at = now, shot.run_s
            typer.echo(line_of(shot), err=True)
