"""`llmops infra destroy`: take the fallback away."""

from llmops.cli_options import ConfigOption
from llmops.infra.cli.options import WithOption, YesOption, confirmed, read_spec


def destroy(tool: WithOption = None, yes: YesOption = False, config: ConfigOption = None) -> None:
    """Take the fallback of the configuration away, with all that it made. It asks before.

    Example: llmops infra destroy
    """
    from llmops.infra.driving import driver

    spec, region = read_spec(config)
    weights = "and its weights" if spec.force_destroy else "but not a bucket that holds weights: that stops it"
    confirmed(f"destroy: everything of {spec.name} in {region}, {weights}", yes=yes)
    driver(tool, spec, region).run("destroy")
