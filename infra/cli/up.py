"""`llmops infra up`: make or change the fallback."""

from llmops.cli_options import ConfigOption
from llmops.infra.cli.options import AwsEndpointOption, WithOption, YesOption, cloud, confirmed, read_spec, say


def up(
    tool: WithOption = None,
    yes: YesOption = False,
    config: ConfigOption = None,
    aws_endpoint: AwsEndpointOption = None,
) -> None:
    """Make the fallback of the configuration, or change it. It costs money, and asks before.

    Example: llmops infra up --yes
    """
    from llmops.infra.awake import rest
    from llmops.infra.driving import driver
    from llmops.infra.preflight import check_network

    spec, region = read_spec(config)
    driven = driver(tool, spec, region)
    aws = cloud(region, aws_endpoint)
    check_network(aws, spec)
    costs = {"cold": "no instance", "warm": f"{spec.warm_size} stopped", "hot": f"{spec.hot_size} running all the time"}
    confirmed(f"up: {spec.name} in {region}, {spec.mode} ({costs[spec.mode]}, {spec.instance_types[0]})", yes=yes)
    driven.run("up")
    rest(aws, spec.name, say)
