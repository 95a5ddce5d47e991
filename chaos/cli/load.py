"""`llmops load`: an open load on any LLM API, measured from when each call was due."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from llmops.chaos.cli.latency import BandsOption, ByOption, SloE2eOption, SloTpotOption, SloTtftOption, judged
from llmops.cli_options import FormatOption, OutOption, check_format, finish, refuse_overwriting
from llmops.errors import BadInput, nearest_hint
from llmops.live import progress, waiting

if TYPE_CHECKING:
    from llmops.chaos.load.plan import LoadPlan
    from llmops.chaos.load.record import CallRecord
    from llmops.ports import Arrivals

DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
ARRIVALS = ("constant", "poisson", "gamma")
NO_KEY = "none"  # servers without keys, and simulated providers, take any


def load(
    url: Annotated[str, typer.Argument(metavar="URL", help="Base URL, as the provider's SDK takes it.")],
    model: Annotated[
        list[str] | None, typer.Option("--model", metavar="NAME[=WEIGHT]", help="Model to ask; repeat for a mix.")
    ] = None,
    rate: Annotated[float, typer.Option("--rate", metavar="PER_SECOND", help="Calls due a second.")] = 1.0,
    count: Annotated[int | None, typer.Option("--count", min=1, help="So many calls.")] = None,
    duration: Annotated[
        float | None,
        typer.Option("--duration", metavar="SECONDS", help="Calls due before then; 10 s where no end is given."),
    ] = None,
    arrivals: Annotated[
        str, typer.Option("--arrivals", help=f"How calls are spaced: {', '.join(ARRIVALS)}.")
    ] = "poisson",
    shape: Annotated[
        float, typer.Option("--shape", help="Of gamma arrivals: below 1 in bursts, 1 as poisson, above 1 regular.")
    ] = 0.5,
    replay: Annotated[
        list[str] | None,
        typer.Option("--replay", metavar="LOG", help="Moments, models, tenants and sizes of this usage log instead."),
    ] = None,
    speed: Annotated[float, typer.Option("--speed", help="Replays so many times as fast.")] = 1.0,
    dialect: Annotated[str, typer.Option("--dialect", help=f"One of {', '.join(DIALECTS)}.")] = "openai_chat",
    stream: Annotated[bool, typer.Option("--stream/--no-stream", help="Whether answers are streamed.")] = True,
    tenant: Annotated[
        list[str] | None,
        typer.Option("--tenant", metavar="NAME[=WEIGHT]", help="For whom calls are; repeat for a mix."),
    ] = None,
    tenant_header: Annotated[str, typer.Option("--tenant-header", help="Header that carries the tenant.")] = "x-tenant",
    prompts: Annotated[
        Path | None, typer.Option("--prompts", metavar="FILE", help="JSON lines: texts, or parts of bodies; in turn.")
    ] = None,
    input_tokens: Annotated[int, typer.Option("--input-tokens", min=1, help="About so many a made prompt.")] = 50,
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", min=1, help="Limit of each answer.")] = None,
    connections: Annotated[
        int | None, typer.Option("--connections", min=1, help="At most so many at once; waiting for one counts.")
    ] = None,
    deadline: Annotated[
        float, typer.Option("--deadline", metavar="SECONDS", help="A call is given up so long after it was due.")
    ] = 60.0,
    key_env: Annotated[
        str | None, typer.Option("--key-env", metavar="NAME", help="Environment variable that holds the key.")
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", metavar="NAME:VALUE", help="Sent with each call; {env.NAME} stands for a variable."),
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option("--ca-file", metavar="FILE", help="Authorities to trust instead of the system's.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of arrivals, mix and prompts.")] = 0,
    records: Annotated[
        Path | None,
        typer.Option("--records", metavar="FILE", help="A JSON line a call, for `llmops ttft`.", dir_okay=False),
    ] = None,
    record_bodies: Annotated[
        bool, typer.Option("--record-bodies", help="Keep requests and answers in these lines.")
    ] = False,
    by: ByOption = None,
    slo_ttft: SloTtftOption = 0.5,
    slo_tpot: SloTpotOption = 0.05,
    slo_e2e: SloE2eOption = float("inf"),
    bands: BandsOption = "perception",
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """Send calls when they are due, whatever became of those before, and measure from then. Real calls cost money.

    Example: llmops load http://127.0.0.1:9001/v1 --model gpt-4o --rate 5 --duration 30
    """
    from llmops.chaos.load.asks import auth_headers
    from llmops.chaos.load.load_report import LoadFacts, load_report
    from llmops.chaos.load.offered import Limits, offered_by_log, offered_by_rate
    from llmops.chaos.load.prompts import Mix, planned_calls, read_prompts
    from llmops.chaos.load.recorded import timed

    started_at = datetime.now(UTC)
    check_format(output_format)
    refuse_overwriting(out, [*(replay or []), prompts, records, ca_file])
    refuse_overwriting(records, [*(replay or []), prompts, ca_file])
    if dialect not in DIALECTS:
        raise BadInput(f"no dialect is named {dialect!r}", hint=nearest_hint(dialect, DIALECTS))
    mix = Mix(
        dialect=dialect,
        models=weights(model or [], "--model"),
        tenants=weights(tenant or [], "--tenant"),
        tenant_header=tenant_header,
        stream=stream,
        input_tokens=input_tokens,
        max_tokens=max_tokens,
        prompts=() if prompts is None else read_prompts(prompts),
    )
    if not (mix.models or replay):
        raise BadInput("no model is named", hint="give --model, or --replay a log that names them")
    limits = Limits(count, duration)
    if replay:
        offered = offered_by_log(_arrivals(replay), " ".join(replay), speed=speed, mix=mix, limits=limits)
    else:
        offered = offered_by_rate(rate, arrivals, shape=shape, seed=seed, limits=limits)
    headers = {**auth_headers(dialect, _key(key_env)), **_headers(header or [])}
    plan = _plan(
        base_url=url,
        calls=planned_calls(offered.due, mix, base_url=url, run=f"{started_at:%y%m%d%H%M%S%f}", seed=seed),
        connections=connections,
        deadline_s=deadline,
        headers=headers,
        keep_bodies=record_bodies,
        ca_file=None if ca_file is None else str(ca_file),
    )
    kept, ended_early = _run(plan, records, bodies=record_bodies)
    found = timed(kept)
    found = replace(found, set_aside={**offered.set_aside, **found.set_aside})
    facts = LoadFacts(
        records=[record for record in kept if record.transport_error != "cancelled"],
        judged=judged(found, by=by, slo_ttft=slo_ttft, slo_tpot=slo_tpot, slo_e2e=slo_e2e, bands=bands),
        system={
            "target": url,
            "dialect": dialect,
            "models": ", ".join(mix.models) or "those of the log",
            "arrivals": offered.in_words,
            "connections": _connections(connections),
            "deadline_s": f"{deadline:g}",
        },
        seed=seed,
        calls=found,
        ended_early=ended_early,
    )
    finish(load_report(facts, started_at=started_at, finished_at=datetime.now(UTC)), output_format, out)


# --- what is offered


def _arrivals(logs: Sequence[str]) -> "Arrivals":
    from llmops.costmodel.usage.calls import arrivals
    from llmops.costmodel.usage.store import read_usage

    stdin = None if sys.stdin is None else sys.stdin.buffer
    with waiting("reading the log"), read_usage(logs, stdin=stdin) as log:
        return arrivals(log)


def weights(words: Sequence[str], option: str) -> dict[str, float]:
    """`NAME` or `NAME=WEIGHT` each. BadInput for a weight that is no number, or a name given twice."""
    found: dict[str, float] = {}
    for word in words:
        name, _, weight = word.rpartition("=") if "=" in word else (word, "", "1")
        try:
            number = float(weight)
        except ValueError as error:
            raise BadInput(f"{option} {word!r} has no number behind its =", hint="such as gpt-4o=0.2") from error
        if not name or name in found:
            raise BadInput(f"{option} {word!r} names nobody, or somebody twice", hint="each name once")
        found[name] = number
    return found


# --- how it is sent


def _plan(**given: object) -> "LoadPlan":
    from llmops.chaos.load.plan import LoadPlan

    try:
        return LoadPlan(**given)  # type: ignore[arg-type]
    except ValueError as error:
        raise BadInput(f"{error}", hint="see llmops load --help") from error


def _key(key_env: str | None) -> str:
    return NO_KEY if key_env is None else _variable(key_env, "--key-env")


def _variable(name: str, option: str) -> str:
    """Its value, which is never shown. BadInput where it is not set."""
    value = os.environ.get(name, "")
    if not value:
        raise BadInput(f"{option}: the variable {name} is not set", hint=f"export {name}=…")
    return value


def _headers(texts: Sequence[str]) -> dict[str, str]:
    from llmops.chaos.experiments.targeting import VARIABLE, header_of

    named = dict(map(header_of, texts))
    return {name: VARIABLE.sub(lambda found: _variable(found[1], "--header"), value) for name, value in named.items()}


def _connections(count: int | None) -> str:
    return "any number of connections" if count is None else f"{count} connection{'s' * (count > 1)}"


def _run(plan: "LoadPlan", records: Path | None, *, bodies: bool) -> "tuple[list[CallRecord], str]":
    """What was recorded, and why the run ended early, if it did."""
    from llmops.chaos.load.foreground import run_in_foreground
    from llmops.chaos.load.record import line_of

    kept: list[CallRecord] = []
    with contextlib.ExitStack() as stack:
        file = None if records is None else stack.enter_context(_created(records))

        def take(record: "CallRecord") -> None:
            kept.append(record)
            if file is not None:
                file.write(line_of(record, bodies=bodies))

        show = stack.enter_context(progress())
        ended_early = run_in_foreground(plan, take, show)
    return sorted(kept, key=lambda record: record.scheduled_at), ended_early


@contextlib.contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """A file for its owner only: answers may be in it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}", hint="name another --records") from error
    with os.fdopen(descriptor, "wb") as file:
        yield file
