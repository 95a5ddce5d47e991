"""`llmops infra preview`: what `up` would change."""

import typer

from llmops.cli_options import ConfigOption
from llmops.infra.cli.options import HostsOption, WithOption, machines, read_spec


def preview(tool: WithOption = None, hosts: HostsOption = None, config: ConfigOption = None) -> None:
    """Show what `up` would change. It changes nothing.

    With --hosts it prints the script that `up` would run on each machine.

    Example: llmops infra preview --with terraform
    """
    if hosts is not None:
        from llmops.infra.hosts.script import setup

        typer.echo(setup(machines(hosts, **{"with": tool})[0]), nl=False)
        return
    from llmops.infra.driving import driver

    spec, region = read_spec(config)
    driver(tool, spec, region).run("preview")
