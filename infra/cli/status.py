"""`llmops infra status`: awake or asleep, until when, and what it has cost."""

from datetime import UTC, datetime

from llmops.cli_options import ConfigOption, FormatOption, OutOption, check_format, finish
from llmops.infra.cli.options import AwsEndpointOption, HostsOption, NameOption, RegionOption, cloud, machines, name_of


def status(
    hosts: HostsOption = None,
    name: NameOption = None,
    region: RegionOption = None,
    config: ConfigOption = None,
    output_format: FormatOption = "text",
    out: OutOption = None,
    aws_endpoint: AwsEndpointOption = None,
) -> None:
    """Say whether the fallback is awake, until when, and what its instances have cost since they were launched.

    Example: llmops infra status --name fb
    """
    from llmops.infra.awake import read_group
    from llmops.infra.deployed import deployed
    from llmops.infra.status_report import status_report

    check_format(output_format)
    started_at = datetime.now(UTC)
    if hosts is not None:
        from llmops.infra.hosts.awake import look
        from llmops.infra.hosts.status_report import hosts_report

        file, shell = machines(hosts, name=name, region=region)
        seen = look(shell, file)
        finish(hosts_report(file, seen, started_at=started_at, now=datetime.now(UTC)), output_format, out)
    aws = cloud(region, aws_endpoint, config)
    group = read_group(aws, name_of(name, config))
    finish(status_report(group, deployed(aws, group), started_at=started_at, now=datetime.now(UTC)), output_format, out)
