"""What the commands of the fallback share: which one, where, and the question before money is spent."""

import re
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from llmops.errors import BadInput

if TYPE_CHECKING:
    from llmops.infra.cloud import Cloud
    from llmops.infra.hosts.config import HostsFile
    from llmops.infra.hosts.ssh import Shell
    from llmops.infra.spec import FallbackSpec

NameOption = Annotated[
    str | None, typer.Option("--name", help="Name of the fallback; else that of infra.fallback in the configuration.")
]
RegionOption = Annotated[
    str | None, typer.Option("--region", help="AWS region; else infra.region, else of the environment.")
]
AwsEndpointOption = Annotated[
    str | None, typer.Option("--aws-endpoint", help="A stand-in for AWS on this machine, such as moto.", hidden=True)
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
WithOption = Annotated[
    str | None, typer.Option("--with", metavar="TOOL", help="terraform or pulumi; else the one that is there.")
]
HostsOption = Annotated[
    Path | None,
    typer.Option(
        "--hosts", metavar="FILE", help="Existing machines instead of AWS: the file that names them.", dir_okay=False
    ),
]
UNITS_S = {"m": 60, "h": 3600, "d": 86400}
SHOWN = 40  # of what cannot be read
LENGTH = re.compile(r"[0-9]{1,9}")
LONGEST = timedelta(days=30)


def read_spec(config: Path | None) -> "tuple[FallbackSpec, str]":
    """The fallback and the region of the configuration."""
    from llmops.config import load_config
    from llmops.infra.config import section

    return section(load_config(config))


def name_of(name: str | None, config: Path | None) -> str:
    return name if name is not None else read_spec(config)[0].name


def cloud(region: str | None, endpoint: str | None, config: Path | None = None) -> "Cloud":
    """AWS in the region that was asked for, else where the configuration has its fallback, else of the environment."""
    from llmops.infra.cloud import Cloud

    if endpoint is not None:
        web_address(endpoint, "--aws-endpoint")
    return Cloud(configured_region(config) if region is None else region, endpoint)


def configured_region(config: Path | None) -> str | None:
    """None where there is no configuration, or no fallback in it."""
    from llmops.config import load_config
    from llmops.infra.config import region_in

    return region_in(load_config(config))


def machines(file: Path, **of_aws: object) -> "tuple[HostsFile, Shell]":
    """The machines of a file, and how scripts run on them. BadInput where an option of AWS is given besides."""
    from llmops.infra.hosts.config import load_hosts
    from llmops.infra.hosts.ssh import Shell

    for option, value in of_aws.items():
        if value is not None:
            raise BadInput(f"--{option} is for AWS, not for --hosts", hint="leave one of them out")
    hosts = load_hosts(file)
    return hosts, Shell(hosts.ssh, sudo=hosts.sudo)


def confirmed(what: str, *, yes: bool) -> None:
    """Say what will be done, and ask. BadInput where nobody can be asked; the end where the answer is no."""
    typer.echo(what, err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput("nobody is there to confirm it", hint="add --yes")
    if not typer.confirm("go on?", err=True):
        raise typer.Exit(1)


def lease_end(text: str) -> datetime:
    """`4h`, `90m` or `2d` from now. BadInput otherwise."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds_of(text, "--for"))


def seconds_of(text: str, option: str) -> int:
    """Of `4h`, `90m` or `2d`. BadInput otherwise."""
    count, unit = text[:-1], text[-1:]
    seconds = int(count) * UNITS_S[unit] if LENGTH.fullmatch(count) and unit in UNITS_S else 0
    if not 0 < seconds <= LONGEST.total_seconds():
        raise BadInput(f"{option} {text[:SHOWN]!r} is no length of time", hint="write it as 90m, 4h or 2d, at most 30d")
    return seconds


def web_address(text: str, option: str) -> str:
    """BadInput where it is no http or https URL with a host."""
    try:
        url = urlsplit(text)
        port = url.port  # ValueError where it is none
    except ValueError:
        url, port = urlsplit(""), 0
    if url.scheme not in {"http", "https"} or not url.hostname or port == 0 or not text.isprintable() or " " in text:
        raise BadInput(f"{option} {text!r} is no URL", hint="such as https://llm.example.com/v1")
    return text


def say(text: str) -> None:
    typer.echo(text, err=True)


clock, wait = time.monotonic, time.sleep
