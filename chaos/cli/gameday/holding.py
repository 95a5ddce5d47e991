"""One life of a run, from its folder to its report: what `run` and `resume` share."""

from typing import TYPE_CHECKING, NoReturn

from llmops.chaos.cli.ending import until_ended
from llmops.chaos.cli.gameday.reporting import plan_of_run, prices, report_of_run, write_report
from llmops.chaos.cli.gameday.showing import shown
from llmops.cli_options import finish

if TYPE_CHECKING:
    from llmops.chaos.gameday.loader import GamedayPlan
    from llmops.chaos.gameday.run_folder import About, RunFolder


def held_to_its_end(folder: "RunFolder", about: "About", output_format: str, *, plain: bool) -> NoReturn:
    """Hold it, and print what it shows; the exit code is that of its verdict."""
    from llmops.chaos.gameday.holding import Holding

    plan, steps = plan_of_run(folder, about)
    done = f"every fault is off, every process has ended; `llmops gameday report {folder.path}`"
    left = f"processes end within seconds, faults within {about.lease_s:g} s; journals: {folder.path}"
    with folder.held(), shown(plain=plain) as show:
        holding = Holding(plan, steps, folder, about, prices(plan), show)
        until_ended(holding.hold(), done=done, left=left)
    report = report_of_run(folder, about, plan, steps)
    write_report(report, folder.path)
    finish(report, output_format, None)


def refuse_cap_without_prices(plan: "GamedayPlan") -> None:
    """BadInput where the plan caps what nobody can price: not measured is never zero."""
    from datetime import UTC, datetime

    cap = plan.gameday.safety.abort_when.usd_over
    if cap is None:
        return
    price = prices(plan)
    for name, provider in plan.experiment.providers.items():
        for model in provider.models:
            tokens = {"input_uncached_tokens": 1, "cache_read_tokens": 0, "cache_write_tokens": 0, "output_tokens": 1}
            if price(provider=name, model=model, at=datetime.now(UTC), **tokens) is None:
                message = f"the run stops over {cap:g} USD, and no price is known for {model} of {name}"
                path = ("gameday", "safety", "abort_when", "usd_over")
                raise plan.source.refusal(message, *path, hint="leave usd_over out, or use a model of the price book")
