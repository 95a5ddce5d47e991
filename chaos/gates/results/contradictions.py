"""What in a result contradicts itself: whoever believes such a result believes anything."""

from collections.abc import Iterator
from decimal import Decimal

from llmops.chaos.gates.results.schema import Metric, Result, Scenario
from llmops.metrics import METRICS

ROUNDING = Decimal("1e-6")  # of quotients that were written as floats
NEVER_NEGATIVE = {"ratio", "s", "requests", "tokens", "attempts", "gpus", "pairs", "trips", "openings", "per_second"}
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
    for scenario in result.scenarios:
        if verdict.word == "PASS" and scenario.verdict != "PASS":
            yield f"it says PASS, and its scenario {scenario.name} {scenario.verdict}"


def _of_scenarios(result: Result) -> Iterator[str]:
    names = [scenario.name for scenario in result.scenarios]
    yield from (f"the scenario {name} is there twice" for name in sorted(set(names)) if names.count(name) > 1)
    for scenario in result.scenarios:
        if scenario.verdict == "PASS":
            yield from (f"the scenario {scenario.name} says PASS {why}" for why in _why_no_pass(scenario))


def _why_no_pass(scenario: Scenario) -> Iterator[str]:
    if not scenario.checks:
        yield "and expected nothing"
    if not sum(scenario.outcomes.values()):
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
