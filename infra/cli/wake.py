"""`llmops infra wake`: start the fallback, for as long as the lease runs."""

from typing import Annotated

import typer

from llmops.cli_options import ConfigOption
from llmops.infra.cli.options import (
    AwsEndpointOption,
    NameOption,
    RegionOption,
    clock,
    cloud,
    lease_end,
    name_of,
    say,
    wait,
)


def wake(
    lease: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long, such as 90m or 4h; waking again renews it.")
    ] = "4h",
    replicas: Annotated[int, typer.Option("--replicas", min=1, help="Instances that must serve.")] = 1,
    name: NameOption = None,
    region: RegionOption = None,
    config: ConfigOption = None,
    aws_endpoint: AwsEndpointOption = None,
) -> None:
    """Start the fallback and wait until it serves. AWS itself puts it to sleep when the time is over.

    It costs money from the first instance on. Waking again renews the lease and never takes an instance away.

    Example: llmops infra wake --for 4h
    """
    from llmops.infra.awake import wake as woken

    until = lease_end(lease)
    fallback = name_of(name, config)
    took = woken(cloud(region, aws_endpoint), fallback, replicas=replicas, until=until, clock=clock, wait=wait, say=say)
    typer.echo(f"{fallback} serves after {took:.0f} s; it sleeps at {until:%Y-%m-%d %H:%M} UTC")
