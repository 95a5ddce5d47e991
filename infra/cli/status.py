"""`llmops infra status`: awake or asleep, until when, and what it has cost."""

from datetime import UTC, datetime

from llmops.cli_options import ConfigOption, FormatOption, OutOption, check_format, finish
from llmops.infra.cli.options import AwsEndpointOption, NameOption, RegionOption, cloud, name_of


def status(
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
    from llmops.infra.status_report import status_report

    check_format(output_format)
    started_at = datetime.now(UTC)
    group = read_group(cloud(region, aws_endpoint), name_of(name, config))
    finish(status_report(group, started_at=started_at, now=datetime.now(UTC)), output_format, out)
