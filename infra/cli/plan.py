"""`llmops infra plan`: what holds a model, what it costs, and how long it takes to recover."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli_options import FormatOption, OutOption, check_format, day, finish
from llmops.errors import BadInput, nearest_hint

if TYPE_CHECKING:
    from llmops.infra.instances import Fit, ModelNeeds

ModelOption = Annotated[str, typer.Option("--model", help="Open-weight model to serve, such as Llama-3.3-70B.")]
PrecisionOption = Annotated[str, typer.Option("--precision", help="Of the weights: bf16, fp8, int4 …")]
ContextOption = Annotated[int, typer.Option("--context", min=1, help="Longest context, in tokens.")]


def plan(
    model: ModelOption,
    mode: Annotated[str, typer.Option("--mode", help="How ready it stands by: cold, warm or hot.")] = "cold",
    precision: PrecisionOption = "bf16",
    context: ContextOption = 8192,
    instance_type: Annotated[
        str | None, typer.Option("--instance-type", help="The type to plan with; else the cheapest that fits.")
    ] = None,
    replicas: Annotated[int, typer.Option("--replicas", min=1, help="Instances that serve, or stand by.")] = 1,
    zones: Annotated[
        int, typer.Option("--zones", min=0, help="Zones of a network of its own; 0: an existing one.")
    ] = 2,
    egress: Annotated[str, typer.Option("--egress", help="Way out of a network of its own: nat or endpoints.")] = "nat",
    throughput: Annotated[
        int, typer.Option("--throughput", min=125, max=1000, help="Of the volume, in MiB a second.")
    ] = 750,
    reserved: Annotated[bool, typer.Option("--reserved", help="The capacity is reserved.")] = False,
    price_date: Annotated[str, typer.Option("--price-date", metavar="DATE", help="Day of the prices.")] = "today",
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """Instance types that hold a model, what standing by and serving cost a month, and how long a recovery takes.

    Example: llmops infra plan --model meta-llama/Llama-3.3-70B-Instruct --mode warm
    """
    from llmops.infra.instances import fits
    from llmops.infra.plan_report import Planned, plan_report
    from llmops.infra.recovery import expected_start_max_s, recovery
    from llmops.infra.spec_checks import EGRESS, MODES
    from llmops.infra.standing import Standing, standing_lines

    started_at = datetime.now(UTC)
    check_format(output_format)
    for value, option, known in ((mode, "--mode", MODES), (egress, "--egress", EGRESS)):
        if value not in known:
            raise BadInput(f"{option} {value!r} is unknown", hint=nearest_hint(value, known))
    on = day(price_date, "--price-date", today=started_at.date())
    needs = model_needs(model, precision, context)
    all_fits = fits(needs)
    chosen = choose(all_fits, instance_type, needs, on)
    standing = Standing(
        mode=mode,
        instance_type=chosen.instance.name,
        instances=0 if mode == "cold" else replicas,
        weights_gb=Decimal(round(needs.weights_bytes / 1e9)),
        zones=zones,
        egress=egress,
        volume_throughput_mib_s=throughput,
        volume_size_gb=volume_size_gb(needs.weights_bytes),
    )
    planned = Planned(
        needs=needs,
        mode=mode,
        replicas=replicas,
        chosen=chosen,
        all_fits=all_fits,
        standing=standing_lines(standing, on),
        parts=recovery(mode, needs.weights_bytes, throughput),
        start_max_s=expected_start_max_s(needs.weights_bytes, throughput),
        volume_size_gb=standing.volume_size_gb,
        on=on,
        reserved=reserved,
    )
    finish(plan_report(planned, started_at=started_at, finished_at=datetime.now(UTC)), output_format, out)


IMAGE_AND_SYSTEM_GB = 80  # of the volume, besides the weights: image, driver, logs, compile cache
VOLUME_STEP_GB = 50


def volume_size_gb(weights_bytes: float) -> int:
    """Weights, and as much again for the next revision, and the system."""
    needed = 2 * weights_bytes / 1e9 + IMAGE_AND_SYSTEM_GB
    return int(-(-needed // VOLUME_STEP_GB) * VOLUME_STEP_GB)


def model_needs(name: str, precision: str, context_tokens: int) -> "ModelNeeds":
    """What a model takes, by the tables and formulas of the capacity planner."""
    from llmops.costmodel.capacity.deployment import PRECISIONS
    from llmops.costmodel.capacity.memory import kv_bytes, weights_bytes
    from llmops.costmodel.capacity.specs import model
    from llmops.infra.instances import ModelNeeds

    if precision not in PRECISIONS:
        raise BadInput(f"--precision {precision!r} is unknown", hint=nearest_hint(precision, PRECISIONS))
    spec = model(name)
    return ModelNeeds(
        name=spec.hf_id,
        precision=precision,
        weights_bytes=weights_bytes(spec, PRECISIONS[precision]),
        sequence_bytes=float(kv_bytes(spec, context_tokens)),
        context_tokens=context_tokens,
        kv_heads=1 if spec.attention == "mla" else spec.kv_heads,
    )


def choose(all_fits: "list[Fit]", wanted: str | None, needs: "ModelNeeds", on: date) -> "Fit":
    """The type that was asked for, or the cheapest that fits; one without a price comes last. BadInput for none."""
    from llmops.infra.standing import serving_usd

    by_name = {it.instance.name: it for it in all_fits}
    if wanted is not None:
        if wanted not in by_name:
            raise BadInput(f"no instance type with GPUs is named {wanted!r}", hint=nearest_hint(wanted, by_name))
        if not by_name[wanted].fits:
            raise BadInput(f"{wanted} does not hold {needs.name}: {by_name[wanted].reason}", hint=_that_fit(all_fits))
        return by_name[wanted]
    holding = [it for it in all_fits if it.fits]
    if not holding:
        raise BadInput(
            f"no instance type holds {needs.name} in {needs.precision} and {needs.context_tokens:,} tokens of context",
            hint="a lower precision, a shorter context, or a smaller model",
        )
    priced = [(serving[0], it) for it in holding if (serving := serving_usd(it.instance.name, 1, on))]
    return min(priced, key=lambda pair: pair[0])[1] if priced else holding[0]


def _that_fit(all_fits: "list[Fit]") -> str:
    names = [it.instance.name for it in all_fits if it.fits]
    return f"these do: {', '.join(names)}" if names else "none does: choose a smaller model or a lower precision"
