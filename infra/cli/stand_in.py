"""`llmops infra stand-in`: what answers while the fallback sleeps."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli_options import ConfigOption
from llmops.errors import BadInput
from llmops.infra.cli.options import (
    AwsEndpointOption,
    HostsOption,
    NameOption,
    RegionOption,
    clock,
    cloud,
    machines,
    name_of,
    say,
    seconds_of,
    wait,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmops.infra.cloud import Cloud
    from llmops.infra.stand_in import State, Watched

LARGEST_PORT = 65535


def stand_in(
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where it answers; port 0: a free one.")
    ] = "127.0.0.1:8099",
    recovery: Annotated[
        str | None,
        typer.Option("--recovery", metavar="TIME", help="What a recovery takes, as 14m; else what the group allows."),
    ] = None,
    hosts: HostsOption = None,
    name: NameOption = None,
    region: RegionOption = None,
    config: ConfigOption = None,
    aws_endpoint: AwsEndpointOption = None,
) -> None:
    """Answer 503 with Retry-After for a fallback that sleeps or wakes, until interrupted. It passes nothing on.

    Put it beside the gateway, as the last target, after the fallback itself. Retry-After is what is left of a recovery.

    Example: llmops infra stand-in --listen 127.0.0.1:8099 --recovery 14m
    """
    from llmops.infra.stand_in import POLL_S, Watched, serving

    host, port = _address(listen)
    stated_s = None if recovery is None else seconds_of(recovery, "--recovery")
    if hosts is not None:
        watches, longest_s, look = _machines(hosts, name=name, region=region)
    else:
        watches, longest_s, look = _group(name_of(name, config), cloud(region, aws_endpoint, config))
    recovery_s = longest_s() if stated_s is None else stated_s
    watched = Watched(look, clock)
    watched.refresh()
    try:
        with serving(host, port, watched, recovery_s, lambda: datetime.now(UTC)) as (at, on):
            typer.echo(f"http://{at}:{on} stands in for {watches}, {watched.state.word}")
            _follow(watched, POLL_S)
    except KeyboardInterrupt:
        say("the stand-in ends")


def _group(name: str, aws: "Cloud") -> "tuple[str, Callable[[], float], Callable[[], State]]":
    """Its name, its longest start in seconds, and how it is looked at."""
    from llmops.infra.awake import read_group
    from llmops.infra.stand_in import state_of

    return name, lambda: read_group(aws, name).grace_s, lambda: state_of(read_group(aws, name))


def _machines(file: Path, **of_aws: str | None) -> "tuple[str, Callable[[], float], Callable[[], State]]":
    """Its name, its longest start in seconds, and how it is looked at."""
    from llmops.infra.hosts.awake import look
    from llmops.infra.hosts.stand_in_state import Waking

    hosts, shell = machines(file, **of_aws)
    waking = Waking(lambda: datetime.now(UTC))
    return hosts.name, lambda: hosts.spec.timeout_s, lambda: waking.state(look(shell, hosts))


def _follow(watched: "Watched", every_s: float) -> None:
    told = watched.state.word
    while True:
        wait(every_s)
        watched.refresh()
        word = watched.state.word
        if word != told:
            say(f"{word}{': ' + watched.trouble if watched.trouble else ''}")
            told = word


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal()) or int(port) > LARGEST_PORT:
        raise BadInput(f"--listen {text!r} is no address", hint="write it as 127.0.0.1:8099")
    return host, int(port)
