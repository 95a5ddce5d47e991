"""`llmops infra plan`: what holds a model, what it costs, and how long it takes to recover."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli_options import FormatOption, OutOption, check_format, day, finish, refuse_overwriting
from llmops.errors import BadInput, nearest_hint

if TYPE_CHECKING:
    from llmops.infra.asked import Asked
    from llmops.infra.instances import Fit, ModelNeeds

ModelOption = Annotated[
    str | None, typer.Option("--model", help="Open-weight model to serve, such as Llama-3.3-70B; else that of --from.")
]
FromOption = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE", help="A result of `llmops tco --format json`: what it sized is planned."),
]
PrecisionOption = Annotated[
    str | None, typer.Option("--precision", help="Of the weights: bf16, fp8, int4 …; else that of --from, or bf16.")
]
ContextOption = Annotated[
    int | None,
    typer.Option(
        "--context", min=1024, max=1_048_576, help="Longest context, in tokens; else the longest of --from, or 8,192."
    ),
]
ReplicasOption = Annotated[
    int | None,
    typer.Option("--replicas", min=1, help="Instances that serve, or stand by; else for the GPUs of --from, or 1."),
]


def plan(
    model: ModelOption = None,
    from_tco: FromOption = None,
    mode: Annotated[str, typer.Option("--mode", help="How ready it stands by: cold, warm or hot.")] = "cold",
    precision: PrecisionOption = None,
    context: ContextOption = None,
    instance_type: Annotated[
        str | None, typer.Option("--instance-type", help="The type to plan with; else the cheapest that fits.")
    ] = None,
    replicas: ReplicasOption = None,
    zones: Annotated[
        int, typer.Option("--zones", min=0, help="Zones of a network of its own; 0: an existing one.")
    ] = 2,
    egress: Annotated[str, typer.Option("--egress", help="Way out of a network of its own: nat or endpoints.")] = "nat",
    throughput: Annotated[
        int, typer.Option("--throughput", min=125, max=1000, help="Of the volume, in MiB a second.")
    ] = 750,
    reserved: Annotated[
        bool, typer.Option("--reserved", help="In an on-demand capacity reservation, which is billed while idle.")
    ] = False,
    price_date: Annotated[str, typer.Option("--price-date", metavar="DATE", help="Day of the prices.")] = "today",
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """Instance types that hold a model, what standing by and serving cost a month, and how long a recovery takes.

    Example: llmops infra plan --model meta-llama/Llama-3.3-70B-Instruct --mode warm
    """
    from llmops.infra.asked import asked
    from llmops.infra.instances import fits
    from llmops.infra.plan_report import Planned, plan_report
    from llmops.infra.recovery import disk_mib_s, expected_start_max_s, recovery
    from llmops.infra.spec_checks import EGRESS, MODES
    from llmops.infra.standing import Standing, standing_lines
    from llmops.infra.tco_result import read_tco

    started_at = datetime.now(UTC)
    check_format(output_format)
    refuse_overwriting(out, [from_tco])
    for value, option, known in ((mode, "--mode", MODES), (egress, "--egress", EGRESS)):
        if value not in known:
            raise BadInput(f"{option} {value!r} is unknown", hint=nearest_hint(value, known))
    if zones not in ZONES:
        raise BadInput(f"--zones {zones} is not what the module takes", hint="2 to 6, or 0 for an existing network")
    on = day(price_date, "--price-date", today=started_at.date())
    named = None if model is None else full_name(model)
    options = {"model": named, "precision": precision, "context": context, "replicas": replicas}
    figures = asked(options, instance_type, None if from_tco is None else read_tco(from_tco))
    needs = model_needs(figures["model"], figures["precision"], int(figures["context"]))
    all_fits = fits(needs)
    chosen = choose(all_fits, instance_type, needs, figures, on)
    serving = figures.instances(chosen.instance)
    if serving > MOST_INSTANCES:
        raise BadInput(f"{serving} instances are more than the module makes, {MOST_INSTANCES}", hint="give --replicas")
    disk = disk_mib_s(throughput, chosen.instance.ebs_mb_per_second)
    standing = Standing(
        mode=mode,
        instance_type=chosen.instance.name,
        instances=0 if mode == "cold" else serving,
        reserved=serving if reserved else 0,
        weights_gb=Decimal(round(needs.weights_bytes / 1e9)),
        zones=zones,
        egress=egress,
        volume_throughput_mib_s=throughput,
        volume_size_gb=volume_size_gb(needs.weights_bytes),
    )
    planned = Planned(
        needs=needs,
        mode=mode,
        replicas=serving,
        asked=figures,
        chosen=chosen,
        all_fits=all_fits,
        standing=standing_lines(standing, on),
        parts=recovery(mode, needs.weights_bytes, disk),
        start_max_s=expected_start_max_s(needs.weights_bytes, disk),
        volume_size_gb=standing.volume_size_gb,
        on=on,
        reserved=reserved,
    )
    finish(plan_report(planned, started_at=started_at, finished_at=datetime.now(UTC)), output_format, out)


MOST_INSTANCES = 100  # max_size of the module
ZONES = (0, 2, 3, 4, 5, 6)
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


def full_name(name: str) -> str:
    """Of a model that may be called otherwise, too."""
    from llmops.costmodel.capacity.specs import model

    return model(name).hf_id


def choose(all_fits: "list[Fit]", wanted: str | None, needs: "ModelNeeds", asked: "Asked", on: date) -> "Fit":
    """The type that was asked for, or the cheapest that fits; one without a price comes last. BadInput for none."""
    from llmops.infra.standing import serving_usd

    if wanted is not None:
        return _named(all_fits, wanted, needs, asked)
    holding = [it for it in all_fits if it.fits and asked.suits(it.instance)]
    if not holding:
        on_gpu = "" if asked["gpu"] == "any" else f" with {asked['gpu']}"
        raise BadInput(
            f"no instance type{on_gpu} holds {needs.name} in {needs.precision} and {needs.context_tokens:,} tokens of "
            "context",
            hint=_that_fit(all_fits) if on_gpu else "a lower precision, a shorter context, or a smaller model",
        )
    costs = [(serving_usd(it.instance.name, asked.instances(it.instance), on), it) for it in holding]
    priced = [(cost[0], it) for cost, it in costs if cost]
    return min(priced, key=lambda pair: pair[0])[1] if priced else holding[0]


def _named(all_fits: "list[Fit]", wanted: str, needs: "ModelNeeds", asked: "Asked") -> "Fit":
    by_name = {it.instance.name: it for it in all_fits}
    if wanted not in by_name:
        raise BadInput(f"no instance type with GPUs is named {wanted!r}", hint=nearest_hint(wanted, by_name))
    if not by_name[wanted].fits:
        raise BadInput(f"{wanted} does not hold {needs.name}: {by_name[wanted].reason}", hint=_that_fit(all_fits))
    if not asked.suits(by_name[wanted].instance):
        raise BadInput(
            f"{wanted} has {by_name[wanted].instance.gpu_count} × {by_name[wanted].instance.gpu}, and the result was "
            f"sized for {asked['gpus_a_replica']} × {asked['gpu']} a replica",
            hint="give --replicas besides, or run `llmops tco` with that GPU",
        )
    return by_name[wanted]


def _that_fit(all_fits: "list[Fit]") -> str:
    names = [it.instance.name for it in all_fits if it.fits]
    return f"these do: {', '.join(names)}" if names else "none does: choose a smaller model or a lower precision"
