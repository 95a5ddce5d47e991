"""`llmops infra sleep`: back to what stands by."""

import typer

from llmops.cli_options import ConfigOption
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
    wait,
)


def sleep(
    hosts: HostsOption = None,
    name: NameOption = None,
    region: RegionOption = None,
    config: ConfigOption = None,
    aws_endpoint: AwsEndpointOption = None,
) -> None:
    """Put the fallback to sleep, after the requests in flight. Send no new ones before: return to the provider first.

    Example: llmops infra sleep --name fb
    """
    from llmops.infra.awake import sleep as asleep

    if hosts is not None:
        from llmops.infra.hosts.awake import sleep as at_rest

        file, shell = machines(hosts, name=name, region=region)
        took = at_rest(shell, file, clock=clock, wait=wait, say=say)
        typer.echo(f"{file.name} sleeps after {took:.0f} s")
        return
    fallback = name_of(name, config)
    took = asleep(cloud(region, aws_endpoint, config), fallback, clock=clock, wait=wait, say=say)
    typer.echo(f"{fallback} sleeps after {took:.0f} s")
