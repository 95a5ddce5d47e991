"""`llmops infra wake`: start the fallback, for as long as the lease runs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from llmops.cli_options import ConfigOption
from llmops.infra.cli.options import (
    AwsEndpointOption,
    HostsOption,
    NameOption,
    RegionOption,
    clock,
    cloud,
    lease_end,
    machines,
    name_of,
    say,
    wait,
)


def wake(
    lease: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long, such as 90m or 4h; waking again renews it.")
    ] = "4h",
    replicas: Annotated[int, typer.Option("--replicas", min=1, help="Instances that must serve.")] = 1,
    hosts: HostsOption = None,
    name: NameOption = None,
    region: RegionOption = None,
    config: ConfigOption = None,
    aws_endpoint: AwsEndpointOption = None,
) -> None:
    """Start the fallback and wait until it serves. AWS itself puts it to sleep when the time is over.

    On AWS it costs money from the first instance on. Waking again renews the lease; it never shortens one
    and never takes an instance away.
    With --hosts every machine is started, and each ends the lease by itself.

    Example: llmops infra wake --for 4h
    """
    from llmops.infra.awake import read_group
    from llmops.infra.awake import wake as woken
    from llmops.infra.spent import an_hour

    until = lease_end(lease)
    if hosts is not None:
        _wake_hosts(hosts, until, replicas, name=name, region=region)
        return
    fallback = name_of(name, config)
    aws = cloud(region, aws_endpoint, config)
    took, until = woken(aws, fallback, replicas=replicas, until=until, clock=clock, wait=wait, say=say)
    typer.echo(f"{fallback} serves after {took:.0f} s; it sleeps at {until:%Y-%m-%d %H:%M} UTC")
    typer.echo(f"it costs {an_hour(read_group(aws, fallback).instances, datetime.now(UTC).date())}")


def _wake_hosts(file: Path, until: datetime, replicas: int, **of_aws: str | None) -> None:
    from llmops.infra.hosts.awake import wake as woken

    hosts, shell = machines(file, **of_aws)
    now = datetime.now(UTC)
    took, until = woken(shell, hosts, replicas=replicas, until=until, now=now, clock=clock, wait=wait, say=say)
    typer.echo(f"{hosts.name} serves after {took:.0f} s; it sleeps at {until:%Y-%m-%d %H:%M} UTC")
