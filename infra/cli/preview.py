"""`llmops infra preview`: what `up` would change."""

from llmops.cli_options import ConfigOption
from llmops.infra.cli.options import WithOption, read_spec


def preview(tool: WithOption = None, config: ConfigOption = None) -> None:
    """Show what `up` would change. It changes nothing.

    Example: llmops infra preview --with terraform
    """
    from llmops.infra.driving import driver

    spec, region = read_spec(config)
    driver(tool, spec, region).run("preview")
