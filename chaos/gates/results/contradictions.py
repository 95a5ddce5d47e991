"""What in a result contradicts itself: whoever believes such a result believes anything."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from llmops.chaos.gates.results.schema import Metric, Result, Scenario
from llmops.metrics import METRICS

ROUNDING = Decimal("1e-6")  # of quotients that were written as floats
NEVER_NEGATIVE = {"ratio", "s", "requests", "tokens", "attempts", "gpus", "pairs", "trips", "openings", "per_second"}
NEVER = {"hang", "storm", "laundered", "masked_error", "wrong_model"}  # outcomes that expectations go by, too
OF_SCENARIOS = {"chaos-run", "gameday"}  # kinds of results that are nothing without one
EXIT_CODES = {"PASS": 0, "FAIL": 1, "INVALID": 3}


def contradictions(result: Result) -> Iterator[str]:
    """Each in a part of a sentence."""
    if result.finished_at < result.started_at:
        yield "it ended before it began"
    yield from _of_verdicts(result)
    yield from _of_scenarios(result)
    seen = set()
    for metric in result.metrics:
        if metric.key in seen:
            yield f"{metric.name} is there twice"
        seen.add(metric.key)
        yield from (f"{metric.name} {why}" for why in _of_metric(metric))


def _of_verdicts(result: Result) -> Iterator[str]:
    verdict = result.verdict
    if verdict is None:
        return
    if EXIT_CODES.get(verdict.word, verdict.exit_code) != verdict.exit_code:
        yield f"it says {verdict.word} and exit code {verdict.exit_code}"
    if verdict.word == "PASS" and result.kind in OF_SCENARIOS and not result.scenarios:
        yield "it says PASS of no scenario"
    for scenario in result.scenarios:
        if verdict.word == "PASS" and scenario.verdict != "PASS":
            yield f"it says PASS, and its scenario {scenario.name} {scenario.verdict}"


def _of_scenarios(result: Result) -> Iterator[str]:
    names = [scenario.name for scenario in result.scenarios]
    yield from (f"the scenario {name} is there twice" for name in sorted(set(names)) if names.count(name) > 1)
    for scenario in result.scenarios:
        if scenario.verdict == "PASS":
            yield from (f"the scenario {scenario.name} says PASS {why}" for why in _why_no_pass(scenario))
        yield from _of_outcomes(scenario, result.metrics)


def _of_outcomes(scenario: Scenario, metrics: Sequence[Metric]) -> Iterator[str]:
    """A request has one outcome, and may be counted as more: never as less."""
    for metric in metrics:
        outcome = metric.name.removesuffix("_ratio")
        is_about = outcome in NEVER and metric.scope == {"scenario": scenario.name}
        count = scenario.outcomes.get(outcome, 0) if is_about else 0
        if metric.numerator is not None and metric.numerator < count:
            yield f"{metric.name} counts {metric.numerator}, and {count} of {scenario.name} are {outcome}"


def _why_no_pass(scenario: Scenario) -> Iterator[str]:
    if not scenario.checks:
        yield "and expected nothing"
    if scenario.checks and not any(check.n is None or check.n for check in scenario.checks):
        yield "and judged no request by any check"
    if scenario.receipts and not scenario.receipts.fired and scenario.receipts.expected != 0:
        yield "and no fault of it fired"
    requests = sum(scenario.outcomes.values())
    for check in scenario.checks:
        count = scenario.outcomes.get(check.name, 0) if check.name in NEVER and check.n == requests else 0
        if check.limit is not None and count > check.limit * requests:
            yield f"and {count} of {requests} are {check.name}"
    if not requests:
        yield "on no request"
    yield from (f"and its {check.name} {check.verdict}" for check in scenario.checks if check.verdict != "PASS")


def _of_metric(metric: Metric) -> Iterator[str]:
    unit = METRICS.get(metric.name, metric.unit)
    if metric.unit != unit:
        yield f"is in {metric.unit}, and should be in {unit}"
    if metric.value is not None and metric.value < 0 and unit in NEVER_NEGATIVE:
        yield f"is {metric.value}"
    if metric.value is not None and metric.value > 1 and unit == "ratio":
        yield f"is {metric.value}, and a ratio ends at 1"
    if metric.interval and not metric.interval.holds(metric.value, ROUNDING):
        yield "is not between the ends of its interval"
    if metric.numerator is not None and metric.denominator is not None:
        yield from _of_quotient(metric, metric.numerator, metric.denominator, unit)


def _of_quotient(metric: Metric, above: Decimal, below: Decimal, unit: str) -> Iterator[str]:
    if above < 0 or below < 0 or (unit == "ratio" and above > below):
        yield f"is {above} of {below}"
    elif metric.n is not None and below != metric.n:
        yield f"is of {below}, and of {metric.n}"
    elif (metric.value is None) != (below == 0):
        yield f"is {'not known' if metric.value is None else metric.value}, and {above} of {below}"
    elif metric.value is not None and abs(metric.value - above / below) > ROUNDING * max(Decimal(1), abs(metric.value)):
        yield f"is {float(metric.value):.6g}, which {above} of {below} is not"
