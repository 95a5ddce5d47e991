"""`llmops chaos watch`: a circuit breaker on a live journal, that wakes a fallback."""

import math
import shutil
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.chaos.cli.breaker_options import BreakerOptions, with_breaker_options
from llmops.errors import BadInput, OutsideFailed

if TYPE_CHECKING:
    from llmops.chaos.proxy.journal import Journal
    from llmops.chaos.reliability.waking import Waking
    from llmops.chaos.reliability.watching import Seen, Watcher


@with_breaker_options
def watch(
    journal: Annotated[
        Path, typer.Argument(metavar="JOURNAL", help="The journal that a proxy writes; it need not be there yet.")
    ],
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[-- CMD...]", help="A program and its arguments; no shell. {provider}, {state} are filled in."
        ),
    ] = None,
    on_open: Annotated[bool, typer.Option("--on-open", help="Run CMD once for each opening.")] = False,
    on_close: Annotated[bool, typer.Option("--on-close", help="Run CMD once for each closing.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="CMD is ended when it takes longer.")
    ] = 60.0,
    steps: Annotated[
        Path | None,
        typer.Option("--steps", metavar="FILE", help="Its own journal; JOURNAL.watch.jsonl unless given."),
    ] = None,
    from_end: Annotated[
        bool,
        typer.Option("--from-end", help="Pass over what the journal has already; else the baseline learns from it."),
    ] = False,
    *,
    breaker: BreakerOptions,
) -> None:
    """Follow a proxy's journal until Ctrl-C, a breaker of three signals a provider, and wake a fallback when one opens.

    CMD gets LLMOPS_PROVIDER, LLMOPS_STATE, LLMOPS_AT and LLMOPS_WHY. It never outlives the watch.

    Example: llmops chaos watch proxy.jsonl --on-open -- ./wake-fallback.sh {provider}
    """
    from llmops.chaos.proxy.journal import Journal
    from llmops.chaos.reliability.following import Follower
    from llmops.chaos.reliability.waking import Waking
    from llmops.chaos.reliability.watching import Watcher, follow

    if journal.is_dir():
        raise BadInput(f"{journal} is a folder", hint="name the journal that a proxy writes in it, such as proxy.jsonl")
    _check_command(command, on_open=on_open, on_close=on_close, timeout_s=timeout)
    watcher = Watcher(breaker.settings(), breaker.reading(), breaker.baseline())
    stop = _until_signalled()
    own = Journal(steps or journal.with_name(f"{journal.name}.watch.jsonl"))
    waking = Waking(command or [], own, timeout_s=timeout, say=_say)
    follower = Follower(journal, from_end=from_end)
    teller = _Teller(own, waking, started_s=time.time(), states=_states(on_open=on_open, on_close=on_close))
    _say(f"watching {journal}; Ctrl-C ends it")
    try:
        follow(follower.lines, watcher, teller.tell, stopped=lambda: bool(stop), idle=waking.poll)
    finally:
        waking.close()
        own.close()
        follower.close()
    _sum_up(watcher)


class _Teller:
    """Says and journals every transition, and asks for the command where it is wanted and not of the past."""

    def __init__(self, journal: "Journal", waking: "Waking", *, started_s: float, states: set[tuple[str, str]]) -> None:
        self._journal = journal
        self._waking = waking
        self._started_s = started_s
        self._states = states

    def tell(self, seen: "Seen") -> None:
        from llmops.chaos.reliability.replay_report import moment, told
        from llmops.chaos.reliability.waking import Call

        one = seen.transition
        why = "; ".join(map(told, one.breaches))
        past = one.at_s < self._started_s
        _say(f"{moment(one.at_s)} {seen.provider}: {one.state.replace('_', ' ')}{f' ({why})' if why else ''}")
        fields = {"provider": seen.provider, "state": one.state, "transition_at": moment(one.at_s), "why": why}
        self._journal.write("step", what="breaker", **fields, before_the_watch=past)
        if (one.origin, one.state) in self._states and not past:
            self._waking.ask(Call(seen.provider, one.state, moment(one.at_s), why))


def _states(*, on_open: bool, on_close: bool) -> set[tuple[str, str]]:
    """Of which transitions the command runs. To open again after bad probes is no new opening."""
    wanted = {("closed", "open")} if on_open else set()
    return wanted | ({("half_open", "closed")} if on_close else set())


def _check_command(command: list[str] | None, *, on_open: bool, on_close: bool, timeout_s: float) -> None:
    if bool(command) is not (on_open or on_close):
        given = "a command and not when to run it" if command else "when to run a command and not which"
        raise BadInput(f"this names {given}", hint="write --on-open -- PROGRAM ARGUMENTS")
    if not 0 < timeout_s < math.inf:
        raise BadInput(f"--timeout {timeout_s:g} is none", hint="give seconds above 0")
    if command and shutil.which(command[0]) is None:
        raise OutsideFailed(f"there is no program {command[0]!r}", hint="give its path; it is run without a shell")


def _until_signalled() -> list[int]:
    """Filled by SIGINT and SIGTERM."""
    got: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _frame: got.append(number))
    return got


def _sum_up(watcher: "Watcher") -> None:
    from llmops.chaos.reliability.replay_report import Unread, replay_report
    from llmops.renderers.text import Text

    for name, both in sorted(watcher.providers.items()):
        report = replay_report(
            both,
            watcher.spans(name),
            kind="watch",
            unread=Unread(watcher.set_aside, watcher.rejected),
            system={"provider": name},
            seed=None,
            started_at=datetime.now(UTC),
        )
        typer.echo(Text().render(report), nl=False)
    if not watcher.providers:
        _say("no request to a model came by")


def _say(text: str) -> None:
    typer.echo(text, err=True)
