"""`llmops chaos proxy`: stand in front of real providers, and break them on purpose."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from llmops.cli_options import ConfigOption
from llmops.config import DEFAULT_FILE, load_config, validated


def proxy(
    upstream: Annotated[
        list[str] | None,
        typer.Option("--upstream", metavar="NAME=URL", help="A provider, such as openai=https://api.openai.com."),
    ] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port of the one provider; 0 takes a free one.")] = None,
    listen: Annotated[
        str | None, typer.Option("--listen", metavar="HOST", help="Address to listen on; loopback unless given.")
    ] = None,
    control: Annotated[
        str | None, typer.Option("--control", metavar="HOST:PORT", help="Control API; 127.0.0.1:8474 unless given.")
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            "--journal",
            metavar="FILE",
            help="Receipts and wire records, JSON lines, appended; proxy.jsonl unless given, or `none`.",
        ),
    ] = None,
    record_bodies: Annotated[
        bool, typer.Option("--record-bodies", help="Keep requests and answers in the journal: prompts are in them.")
    ] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Listen with TLS, by a test authority of this run.")] = False,
    default_lease: Annotated[
        str | None,
        typer.Option("--default-lease", metavar="SECONDS", help="For faults whose maker names no lease; or `none`."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of all dice; the same seed gives the same run.")] = None,
    allow_upstream: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-upstream", metavar="HOST:PORT", help="What the control API may connect to besides loopback."
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Run the fault proxy until Ctrl-C: one listener a provider, and a control API that Toxiproxy's clients know.

    The client needs nothing but another base URL. Every fault has a lease, and ends by itself.
    A name that is not found needs no proxy: give the client a base URL under `.invalid` (RFC 6761).

    Example: llmops chaos proxy --upstream openai=https://api.openai.com --port 9001 --journal proxy.jsonl
    """
    from llmops.chaos.proxy.config import ChaosSection
    from llmops.chaos.proxy.setup import Asked, run, section_of

    file = config or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    asked = Asked(
        upstream or (), port, listen, control, journal, record_bodies, tls, default_lease, seed, allow_upstream or (),
        None if file is None else str(file),
    )  # fmt: skip
    section = validated(ChaosSection, load_config(config).get("chaos") or {}, "chaos")
    run(section_of(section, asked), _announce, lambda text: typer.echo(f"warning: {text}", err=True))


def _announce(urls: Mapping[str, str]) -> None:
    width = max(map(len, urls))
    for name, url in urls.items():
        typer.echo(f"{name:<{width}}  {url}")
