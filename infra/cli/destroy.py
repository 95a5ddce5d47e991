"""`llmops infra destroy`: take the fallback away."""

from pathlib import Path

from llmops.cli_options import ConfigOption
from llmops.infra.cli.options import HostsOption, WithOption, YesOption, confirmed, machines, read_spec, say


def destroy(
    tool: WithOption = None, hosts: HostsOption = None, yes: YesOption = False, config: ConfigOption = None
) -> None:
    """Take the fallback of the configuration away, with all that it made. It asks before.

    Example: llmops infra destroy
    """
    if hosts is not None:
        _destroy_hosts(hosts, tool, yes=yes)
        return
    from llmops.infra.driving import driver

    spec, region = read_spec(config)
    weights = "and its weights" if spec.force_destroy else "but not a bucket that holds weights: that stops it"
    confirmed(f"destroy: everything of {spec.name} in {region}, {weights}", yes=yes)
    driver(tool, spec, region).run("destroy")


def _destroy_hosts(file: Path, tool: str | None, *, yes: bool) -> None:
    from llmops.infra.hosts.awake import push
    from llmops.infra.hosts.script import remove

    hosts, shell = machines(file, **{"with": tool})
    names = ", ".join(it.name for it in hosts.hosts)
    confirmed(f"destroy: {hosts.name} on {names}: stops it, and removes what `up` wrote; not weights or key", yes=yes)
    push(shell, hosts, remove(hosts), say)
