"""What a person sees while waiting: a spinner or a screen of figures, on stderr, on a terminal only."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

PATIENCE_S = 1.0
BAR_CELLS = 72  # with a frame around it, what 80 columns hold


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show `what` with a spinner while the body runs, if it takes longer than a second and stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    status = Console(stderr=True).status(what)
    timer = threading.Timer(PATIENCE_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """What is given a line shows it, with a spinner, in place of the last one; nowhere if stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status("") as status:
        yield lambda line: status.update(Text(line))


@dataclass(frozen=True)
class Row:
    """One line of a screen: what, and how it is; `style` is a colour's name."""

    label: str
    value: str
    style: str = ""


@dataclass(frozen=True)
class Screen:
    """What is shown at one moment: a frozen snapshot, that nothing changes while it is drawn."""

    title: str
    rows: Sequence[Row]
    shares: Sequence[tuple[str, int, str]] = ()  # of a bar: name, count, style
    lines: Sequence[str] = ()  # the last things that happened


@contextmanager
def screen() -> Iterator[Callable[[Screen], None] | None]:
    """What is given a screen draws it in place of the last one, on stderr; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True, highlight=False), auto_refresh=False, transient=True) as live:
        yield lambda shown: live.update(drawn(shown), refresh=True)


def drawn(shown: Screen) -> "RenderableType":
    """A screen as rich draws it: at most 24 lines of 80 columns, where its texts are cut to fit."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(ratio=1, overflow="fold")
    for row in shown.rows:
        table.add_row(row.label, Text(row.value, style=row.style))
    total = sum(count for _, count, _ in shown.shares)
    bar = Text()
    for _, count, style in shown.shares:
        bar.append("█" * (round(BAR_CELLS * count / total) or bool(count)), style=style)
    parts: list[RenderableType] = [table, *([bar] if total else [])]
    parts += [Text(line, style="dim", no_wrap=True, overflow="ellipsis") for line in shown.lines]
    return Panel(Group(*parts), title=Text(shown.title), title_align="left")
