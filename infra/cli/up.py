"""`llmops infra up`: make or change the fallback."""

from pathlib import Path

from llmops.cli_options import ConfigOption
from llmops.infra.cli.options import (
    AwsEndpointOption,
    HostsOption,
    WithOption,
    YesOption,
    cloud,
    confirmed,
    machines,
    read_spec,
    say,
)


def up(
    tool: WithOption = None,
    hosts: HostsOption = None,
    yes: YesOption = False,
    config: ConfigOption = None,
    aws_endpoint: AwsEndpointOption = None,
) -> None:
    """Make the fallback of the configuration, or change it. It costs money, and asks before.

    With --hosts it writes unit and script onto machines of your own, over SSH, and pulls the image; it starts nothing.

    Example: llmops infra up --yes
    """
    if hosts is not None:
        _up_hosts(hosts, tool, yes=yes)
        return
    from llmops.infra.awake import rest
    from llmops.infra.cli.holding import refuse_too_small
    from llmops.infra.driving import driver
    from llmops.infra.preflight import check_network

    spec, region = read_spec(config)
    refuse_too_small(spec)
    driven = driver(tool, spec, region)
    aws = cloud(region, aws_endpoint)
    check_network(aws, spec)
    costs = {"cold": "no instance", "warm": f"{spec.warm_size} stopped", "hot": f"{spec.hot_size} running all the time"}
    confirmed(f"up: {spec.name} in {region}, {spec.mode} ({costs[spec.mode]}, {spec.instance_types[0]})", yes=yes)
    driven.run("up")
    rest(aws, spec.name, say)


def _up_hosts(file: Path, tool: str | None, *, yes: bool) -> None:
    from llmops.infra.hosts.awake import push
    from llmops.infra.hosts.script import setup

    hosts, shell = machines(file, **{"with": tool})
    names = ", ".join(it.name for it in hosts.hosts)
    confirmed(f"up: {hosts.name} on {names}: files below {hosts.folder}, a unit of systemd, {hosts.image}", yes=yes)
    push(shell, hosts, setup(hosts), say)
