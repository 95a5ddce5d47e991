"""`llmops infra drill`: wake, send real requests, measure, sleep."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli_options import ConfigOption, FormatOption, OutOption, check_format, finish
from llmops.infra.cli.options import (
    AwsEndpointOption,
    HostsOption,
    NameOption,
    RegionOption,
    YesOption,
    clock,
    cloud,
    confirmed,
    lease_end,
    machines,
    name_of,
    say,
    wait,
    web_address,
)

if TYPE_CHECKING:
    from llmops.infra.awake import Group
    from llmops.infra.cloud import Cloud
    from llmops.infra.drill import Drilled, Endpoint


def drill(
    endpoint: Annotated[str, typer.Option("--endpoint", metavar="URL", help="Where it answers, with /v1.")],
    model: Annotated[str | None, typer.Option("--model", help="Name it serves; else that of the group.")] = None,
    requests: Annotated[int, typer.Option("--requests", min=1, help="Requests after the first good one.")] = 20,
    lease: Annotated[str, typer.Option("--for", metavar="TIME", help="At most how long it is awake.")] = "1h",
    key_variable: Annotated[
        str, typer.Option("--key-env", help="Variable of the environment that holds the key of the API.")
    ] = "LLMOPS_FALLBACK_KEY",
    insecure: Annotated[bool, typer.Option("--insecure", help="Take a certificate of any name.")] = False,
    yes: YesOption = False,
    hosts: HostsOption = None,
    name: NameOption = None,
    region: RegionOption = None,
    config: ConfigOption = None,
    output_format: FormatOption = "text",
    out: OutOption = None,
    aws_endpoint: AwsEndpointOption = None,
) -> None:
    """Wake the fallback, send real requests, measure the time to the first good token, and put it to sleep again.

    The result names what is deployed, so that a gate can ask for a drill of it that is young enough.

    Example: llmops infra drill --endpoint https://llm.example.com/v1 --out drill.json --format json
    """
    from llmops.infra.awake import read_group, sleep
    from llmops.infra.deployed import deployed
    from llmops.infra.drill import Endpoint, api_key
    from llmops.infra.drill_report import drill_report

    check_format(output_format)
    started_at = datetime.now(UTC)
    key = api_key(os.environ.get(key_variable), key_variable)
    target = Endpoint(web_address(endpoint, "--endpoint"), model or "", key, insecure=insecure)
    if target.shows_key:
        say("warning: the key goes to this endpoint in clear; use https")
    if hosts is not None:
        of_aws = {"name": name, "region": region}
        measured, system = _on_machines(hosts, target, lease, requests, of_aws, yes=yes)
        finished_at = datetime.now(UTC)
        finish(drill_report(measured, system, started_at=started_at, finished_at=finished_at), output_format, out)
    fallback = name_of(name, config)
    aws = cloud(region, aws_endpoint, config)
    group = read_group(aws, fallback)
    confirmed(f"drill: wakes {fallback} for at most {lease}, which costs money, and puts it to sleep again", yes=yes)
    target = replace(target, model=model or group.tags.get("llmops:model", ""))
    system = deployed(aws, group)
    try:
        measured = _measured(aws, group, target, lease, requests)
    finally:
        if not group.woken:  # we woke it; whoever had woken it keeps it, and the lease
            sleep(aws, fallback, clock=clock, wait=wait, say=say)
    report = drill_report(measured, system, started_at=started_at, finished_at=datetime.now(UTC))
    finish(report, output_format, out)


def _measured(aws: "Cloud", group: "Group", target: "Endpoint", lease: str, requests: int) -> "Drilled":
    from llmops.infra.awake import await_serving, wake
    from llmops.infra.drill import drill as drilled

    started, until, wake_s = clock(), lease_end(lease), None
    if group.woken:
        await_serving(aws, group, replicas=1, clock=clock, wait=wait, say=say)
    else:
        wake_s, _ = wake(aws, group.name, replicas=1, until=until, clock=clock, wait=wait, say=say)
    return drilled(target, requests=requests, started=started, wake_s=wake_s, clock=clock, wait=wait)


def _on_machines(
    file: Path, target: "Endpoint", lease: str, requests: int, of_aws: dict[str, str | None], *, yes: bool
) -> "tuple[Drilled, dict[str, str]]":
    from llmops.infra.drill import drill as drilled
    from llmops.infra.hosts.awake import await_serving, look, sleep, wake
    from llmops.infra.hosts.deployed import deployed

    hosts, shell = machines(file, **of_aws)
    confirmed(f"drill: wakes {hosts.name} for at most {lease}, and puts it to sleep again", yes=yes)
    was_awake = any(it.word in {"serving", "waking"} or it.lease_until for it in look(shell, hosts))
    started, now, until, wake_s = clock(), datetime.now(UTC), lease_end(lease), None
    try:
        if was_awake:
            await_serving(shell, hosts, replicas=1, clock=clock, wait=wait, say=say)
        else:
            wake_s, _ = wake(shell, hosts, replicas=1, until=until, now=now, clock=clock, wait=wait, say=say)
        seen = look(shell, hosts)
        asked = replace(target, model=target.model or hosts.model)
        told = drilled(asked, requests=requests, started=started, wake_s=wake_s, clock=clock, wait=wait)
    finally:
        if not was_awake:  # whoever had woken it keeps it
            sleep(shell, hosts, clock=clock, wait=wait, say=say)
    return told, deployed(hosts, seen)
