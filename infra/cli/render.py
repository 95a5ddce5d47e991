"""`llmops infra render`: the fallback as files of another tool."""

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from llmops.cli_options import ConfigOption, refuse_overwriting
from llmops.config import DEFAULT_FILE
from llmops.errors import BadInput, nearest_hint
from llmops.infra.cli.options import read_spec, web_address

CLUSTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")  # as EKS names them


class Target(StrEnum):
    """What can be rendered."""

    TERRAFORM = "terraform"
    PULUMI = "pulumi"
    USERDATA = "userdata"
    KUBERNETES = "kubernetes"
    GATEWAY = "gateway"


def render(
    target: Annotated[Target, typer.Argument(help="terraform, pulumi, userdata, kubernetes or gateway.")],
    gateway: Annotated[str, typer.Option("--gateway", help="Of a gateway: litellm or portkey.")] = "litellm",
    alias: Annotated[str, typer.Option("--alias", help="Of a gateway: the model name that callers use.")] = "fallback",
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Of a gateway: where the fallback answers.")
    ] = None,
    stand_in: Annotated[
        str | None,
        typer.Option("--stand-in", metavar="URL", help="Of a gateway: `llmops infra stand-in`, its last resort."),
    ] = None,
    gpus: Annotated[int, typer.Option("--gpus", min=1, help="Of Kubernetes: GPUs of a pod.")] = 4,
    demand: Annotated[
        str, typer.Option("--demand", help="Of Kubernetes: the Prometheus outside that knows the demand.")
    ] = "http://prometheus.monitoring:9090",
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Of Kubernetes: the EKS cluster; else the name of the fallback.")
    ] = None,
    node_ami: Annotated[
        str, typer.Option("--node-ami", help="Of Kubernetes: Karpenter's alias of the node image; pin its version.")
    ] = "al2023@latest",
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file.", dir_okay=False)] = None,
    config: ConfigOption = None,
) -> None:
    """Print the fallback of the configuration for Terraform, Pulumi, Kubernetes or a gateway; or its user data.

    Example: llmops infra render gateway --base-url https://llm.example.com/v1
    """
    from llmops.infra.driving import PROJECT, given, root_module
    from llmops.infra.gateway import GATEWAYS
    from llmops.infra.kubernetes import AMI_ALIAS, Nodes, manifests
    from llmops.infra.user_data import FROM_THE_CLOUD, render_user_data
    from llmops.infra.yaml_text import as_yaml

    refuse_overwriting(out, [config or DEFAULT_FILE])
    _check({"--base-url": base_url, "--stand-in": stand_in, "--demand": demand}, cluster)
    spec, region = read_spec(config)
    if target is Target.TERRAFORM:
        text = json.dumps(root_module(spec, region), indent=2) + "\n"
    elif target is Target.PULUMI:
        text = as_yaml({"config": {"aws:region": region, f"{PROJECT}:fallback": given(spec)}})
    elif target is Target.USERDATA:
        text = render_user_data(spec, {name: f"<{name}>" for name in FROM_THE_CLOUD} | {"region": region})
    elif target is Target.KUBERNETES:
        if not AMI_ALIAS.fullmatch(node_ami):
            raise BadInput(f"--node-ami {node_ami!r} is no alias", hint="write it as al2023@v20261101")
        nodes = Nodes(cluster or spec.name, node_ami)
        text = as_yaml(*manifests(spec, gpus=gpus, wake_address=demand, nodes=nodes))
    else:
        if gateway not in GATEWAYS:
            raise BadInput(f"--gateway {gateway!r} is unknown", hint=nearest_hint(gateway, GATEWAYS))
        host = base_url or (f"https://{spec.record_name}/v1" if spec.record_name else None)
        if host is None:
            raise BadInput("where the fallback answers is not known", hint="give --base-url, or record_name")
        text = GATEWAYS[gateway](spec, host, alias, stand_in)
    _write(text, out)


def _check(urls: dict[str, str | None], cluster: str | None) -> None:
    for option, url in urls.items():
        if url is not None:
            web_address(url, option)
    if cluster is not None and not CLUSTER.fullmatch(cluster):
        raise BadInput(f"--cluster {cluster!r} is no name of a cluster", hint="letters, digits, - and _, such as prod")


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {out}: {error.strerror}", hint="check the path") from error
