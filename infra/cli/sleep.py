"""`llmops infra sleep`: back to what stands by."""

import typer

from llmops.cli_options import ConfigOption
from llmops.infra.cli.options import AwsEndpointOption, NameOption, RegionOption, clock, cloud, name_of, say, wait


def sleep(
    name: NameOption = None,
    region: RegionOption = None,
    config: ConfigOption = None,
    aws_endpoint: AwsEndpointOption = None,
) -> None:
    """Put the fallback to sleep, after the requests in flight. Send no new ones before: return to the provider first.

    Example: llmops infra sleep --name fb
    """
    from llmops.infra.awake import sleep as asleep

    fallback = name_of(name, config)
    took = asleep(cloud(region, aws_endpoint), fallback, clock=clock, wait=wait, say=say)
    typer.echo(f"{fallback} sleeps after {took:.0f} s")
