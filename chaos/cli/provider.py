"""`llmops chaos provider`: a simulated provider, for runs without keys."""

import asyncio
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.errors import BadInput
from llmops.registry import Registry

if TYPE_CHECKING:
    from llmops.chaos.providers.base import Provider
    from llmops.chaos.providers.serving.desk import Settings

providers: "Registry[Provider]" = Registry("simulated provider", "llmops.chaos.providers")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def provider(
    name: Annotated[str, typer.Argument(metavar="PROVIDER", help=f"One of {', '.join(providers.names())}.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = 0,
    listen: Annotated[str, typer.Option("--listen", metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same answers.")] = 0,
    model: Annotated[
        list[str] | None, typer.Option("--model", help="Know only this model; repeat for more. Else any name will do.")
    ] = None,
    ttft: Annotated[
        str, typer.Option("--ttft", metavar="SECONDS[:P95]", help="Time to the first token: median, 95th percentile.")
    ] = "0",
    itl: Annotated[
        str, typer.Option("--itl", metavar="SECONDS[:P95]", help="Time between tokens: median, 95th percentile.")
    ] = "0",
    rpm: Annotated[int, typer.Option("--rpm", min=1, help="Requests a minute, of each key.")] = 30_000,
    tpm: Annotated[int, typer.Option("--tpm", min=1, help="Tokens a minute, of each key.")] = 150_000_000,
    rpd: Annotated[int | None, typer.Option("--rpd", min=1, help="Requests a day, of each key.")] = None,
    refuse_prefill: Annotated[
        bool, typer.Option("--refuse-prefill", help="Refuse an assistant prefill with 400, as newer models do.")
    ] = False,
) -> None:
    """Serve a simulated provider until Ctrl-C or SIGTERM; the base URL is printed when it is ready.

    Example: llmops chaos provider openai --port 9001 --ttft 0.3:0.9 --itl 0.02
    """
    from llmops.chaos.providers.serving.desk import Settings
    from llmops.chaos.providers.serving.limiting import Limits
    from llmops.chaos.providers.serving.pacing import Delay, Pacing

    settings = Settings(
        seed=seed,
        models=tuple(model or ()),
        limits=Limits(rpm, tpm, rpd),
        pacing=Pacing(Delay(*delay(ttft, "--ttft")), Delay(*delay(itl, "--itl"))),
        refuse_prefill=refuse_prefill,
    )
    asyncio.run(_serve(providers.get(name)(), settings, listen, port))


def delay(text: str, option: str) -> tuple[float, float | None]:
    """`0.3` or `0.3:0.9` as median and 95th percentile. BadInput for anything else."""
    median, colon, p95 = text.partition(":")
    try:
        return float(median), float(p95) if colon else None
    except ValueError as error:
        raise BadInput(
            f"{option} {text!r} is no time", hint="seconds such as 0.3, or median and 95th percentile as 0.3:0.9"
        ) from error


async def _serve(served: "Provider", settings: "Settings", host: str, port: int) -> None:
    from llmops.chaos.providers.serving.server import serve

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with serve(served, settings, host=host, port=port) as running:
        typer.echo(running.base_url)
        if host not in LOOPBACK:
            typer.echo(f"warning: {host} can be reached from other machines", err=True)
        typer.echo(f"simulated {served.name} is ready; any {served.key_hint} will do; Ctrl-C ends it", err=True)
        await stop.wait()
    typer.echo("ended", err=True)
