"""`llmops chaos gateway`: a simulated gateway, as a system under test that is well-behaved or ill at will."""

import asyncio
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.chaos.gateway.settings import ILLS, Settings, Upstream

if TYPE_CHECKING:
    from collections.abc import Iterable


def gateway(
    upstream: Annotated[
        list[str],
        typer.Option(
            "--upstream", metavar="URL[=MODEL]", help="A provider's base URL; repeat, in order of preference."
        ),
    ],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = 0,
    retries: Annotated[int, typer.Option("--retries", min=0, help="Of each provider, besides the first attempt.")] = 1,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="Of silence, before or within an answer.")
    ] = 3.0,
    attempt_limit: Annotated[
        float, typer.Option("--attempt-limit", metavar="SECONDS", help="Of one attempt as a whole; 0: none.")
    ] = 0.0,
    breaker_failures: Annotated[
        int, typer.Option("--breaker-failures", min=1, help="Failures in a row that open a provider's breaker.")
    ] = 5,
    cooldown: Annotated[
        float, typer.Option("--cooldown", metavar="SECONDS", min=0, help="How long it stays open; 0: no breaker.")
    ] = 0.0,
    ill: Annotated[
        str, typer.Option("--ill", metavar="NAMES", help=f"Behave badly, with commas: {', '.join(ILLS)}.")
    ] = "",
) -> None:
    """Serve a simulated gateway on loopback until Ctrl-C or SIGTERM; the base URL is printed when it is ready.

    It holds every stream until its end, and passes on only what is whole and from the model that was asked for.

    Example: llmops chaos gateway --upstream http://127.0.0.1:9001/v1 --upstream http://127.0.0.1:9002/v1=gpt-4o-mini
    """
    settings = Settings(
        upstreams=tuple(map(Upstream.of, upstream)),
        retries=retries,
        timeout_s=timeout,
        attempt_limit_s=attempt_limit,
        breaker_failures=breaker_failures,
        cooldown_s=cooldown,
        ills=frozenset(_names(ill)),
    )
    asyncio.run(_serve(settings, port))


def _names(text: str) -> "Iterable[str]":
    return filter(None, (word.strip() for word in text.split(",")))


async def _serve(settings: Settings, port: int) -> None:
    from llmops.chaos.gateway.server import serve

    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with serve(settings, port=port) as base_url:
        typer.echo(base_url)
        await stop.wait()
