"""The options by which latencies are judged, shared by `llmops load` and `llmops ttft`."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.errors import BadInput

if TYPE_CHECKING:
    from llmops.chaos.load.latency_tables import Judged
    from llmops.ports import TimedCalls

DIMENSIONS = ("model", "route", "tenant")

ByOption = Annotated[
    list[str] | None,
    typer.Option(
        "--by", help=f"Tell calls apart by {', '.join(DIMENSIONS)}; repeat for more. All that differ unless given."
    ),
]
SloTtftOption = Annotated[
    float, typer.Option("--slo-ttft", metavar="SECONDS", help="A good call has its first token by then; inf: any.")
]
SloTpotOption = Annotated[
    float, typer.Option("--slo-tpot", metavar="SECONDS", help="A good call takes at most this per further token.")
]
SloE2eOption = Annotated[float, typer.Option("--slo-e2e", metavar="SECONDS", help="A good call is over by then.")]
BandsOption = Annotated[str, typer.Option("--bands", help="Names of waits: perception (0.1, 1, 10 s) or slo (1, 3 s).")]


def judged(
    calls: "TimedCalls", *, by: list[str] | None, slo_ttft: float, slo_tpot: float, slo_e2e: float, bands: str
) -> "Judged":
    """The calls analysed by what the options ask for. BadInput."""
    from llmops.chaos.load.latency_tables import Judged
    from llmops.chaos.load.perception import bands as bands_named
    from llmops.chaos.load.ttft import Slo, analysed

    slo = Slo(_limit(slo_ttft, "--slo-ttft"), _limit(slo_tpot, "--slo-tpot"), _limit(slo_e2e, "--slo-e2e"))
    scheme = bands_named(bands)
    return Judged(analysed(calls, by=by or DIMENSIONS, slo=slo, bands=scheme), slo, scheme)


def _limit(seconds: float, option: str) -> float | None:
    if not seconds > 0:
        raise BadInput(f"{option} {seconds} is no limit", hint="seconds above 0, or inf for none")
    return None if math.isinf(seconds) else seconds
