"""The grammar of a gate: `METRIC < LIMIT [UNIT] [over N]`, `COUNT == 0 [over N]`, `verdict(NAME) == WORD`, `system(…)`.

ttft_p95_s < 600 ms                       functional_success_ratio >= 0.99 over 500
laundered == 0                            verdict(stream-cut) == PASS
                                          system(infra-drill) == system(infra-status)
"""

import re
from decimal import Decimal

from llmops.chaos.gates.conditions import Bound, Condition, SameSystem, Side, VerdictIs, refusal
from llmops.errors import BadInput, UnknownName, nearest_hint
from llmops.metrics import METRICS

TOKEN = re.compile(r"[<>=!]+|[()]|[^\s<>=!()]+")
LIMIT = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?) ?(.*)")
NUMBER_AND_UNIT = (1, 2)  # words of a limit
SIGNS: dict[str, tuple[Side, bool]] = {
    "<": ("at_most", True),
    "<=": ("at_most", False),
    ">": ("at_least", True),
    ">=": ("at_least", False),
}
LARGEST, LEAST = Decimal("1e18"), Decimal("1e-9")
VERDICTS = ("PASS", "FAIL", "BUY", "BUILD")
"""INVALID and INCONCLUSIVE are a lack of proof, which no gate may ask for."""
ALSO = {"attempts_per_request": "mean_attempts"}
"""Metrics that go by another name, too."""
COUNTED = {name.removesuffix("_ratio"): name for name, unit in METRICS.items() if unit == "ratio"}
"""What none of may be asked for: `laundered == 0` is about the count behind `laundered_ratio`."""
UNITS: dict[str, tuple[str, Decimal]] = {
    **{unit: (unit, Decimal(1)) for unit in sorted(set(METRICS.values()))},
    "%": ("ratio", Decimal("0.01")),
    "ms": ("s", Decimal("0.001")),
    "min": ("s", Decimal(60)),
    "h": ("s", Decimal(3600)),
}
"""Unit as written: the unit of metrics that it measures, and how much of it it is."""
EXAMPLES = "such as `ttft_p95_s < 0.6`, `laundered == 0` or `verdict(stream-cut) == PASS`"


def condition_of(text: str) -> Condition:
    """The condition that a gate's words mean. BadInput, whose hint names the nearest word where one is not known."""
    match TOKEN.findall(text):
        case ["verdict", "(", name, ")", "==", word]:
            return _verdict(name, word)
        case ["verdict", *_]:
            raise BadInput(f"{text!r} is no gate", hint="write it as verdict(stream-cut) == PASS")
        case ["system", "(", one, ")", "==", "system", "(", other, ")"] if one != other:
            return SameSystem(one, other)
        case ["system", *_]:
            hint = "write it as system(infra-drill) == system(infra-status)"
            raise BadInput(f"{text!r} compares no two systems", hint=hint)
        case [name, sign, *limit, "over", count] if len(limit) in NUMBER_AND_UNIT:
            return _bound(name, sign, " ".join(limit), _count(count))
        case [name, sign, *limit] if len(limit) in NUMBER_AND_UNIT and limit[-1] != "over":
            return _bound(name, sign, " ".join(limit), None)
        case _:
            raise BadInput(f"{text!r} is no gate", hint=EXAMPLES)


def _verdict(name: str, word: str) -> VerdictIs:
    if word in VERDICTS:
        return VerdictIs(name, word)
    if word in {"INVALID", "INCONCLUSIVE"}:
        raise BadInput(f"{word} is a lack of proof, and no gate can be satisfied by it", hint="ask for PASS or FAIL")
    raise BadInput(f"no verdict is {word!r}", hint=nearest_hint(word, VERDICTS))


def _bound(name: str, sign: str, limit: str, over: int | None) -> Bound:
    metric, counted = _metric(name)
    if sign == "==":
        bound = _none(name, metric, limit, over)
    elif sign not in SIGNS:
        raise BadInput(f"{sign!r} compares nothing", hint="a gate says <, <=, >, >= or ==")
    elif counted:
        raise BadInput(f"{name} is a count, of which only == 0 can be asked", hint=f"for a share: {metric} {sign} 0.01")
    else:
        side, strict = SIGNS[sign]
        bound = Bound(metric, side, _limit(metric, limit), strict, over)
    if why := refusal(bound):
        raise BadInput(f"{name} {sign} {limit}: {why}", hint=_mending(bound, why))
    return bound


def _metric(name: str) -> tuple[str, bool]:
    """The metric that is meant, and whether it is the count behind it."""
    if name in COUNTED:
        return COUNTED[name], True
    metric = ALSO.get(name, name)
    if metric not in METRICS:
        raise UnknownName(f"no metric is named {name!r}", hint=nearest_hint(name, [*METRICS, *ALSO, *COUNTED]))
    return metric, False


def _none(name: str, metric: str, limit: str, over: int | None) -> Bound:
    """`== 0` asks that there is none: nothing that we measure is below 0."""
    if _limit(metric, limit) != 0:
        raise BadInput(f"{name} == {limit}: only verdicts, and 0, can be equal", hint="say <= or >=")
    return Bound(metric, "at_most", Decimal(0), over=over)


def _limit(metric: str, text: str) -> Decimal:
    """In the unit of the metric, which it is in where it names none."""
    found, unit = LIMIT.fullmatch(text), METRICS[metric]
    if not found:
        raise BadInput(f"{text!r} is no limit", hint=f"a number, such as 0.6; {metric} is in {unit}")
    written = found[2] or unit
    if written not in UNITS:
        raise BadInput(f"no unit is named {written!r}", hint=f"{metric} is in {unit}; {nearest_hint(written, UNITS)}")
    measures, scale = UNITS[written]
    if measures != unit:
        raise BadInput(f"{metric} is in {unit}, and {text} is in {measures}", hint="compare what has the same unit")
    limit = Decimal(found[1]) * scale
    if why := _why_no_limit(limit, unit):
        raise BadInput(f"{text!r} is no limit: {why}", hint=f"{metric} is in {unit}, such as 0.99")
    return limit


def _why_no_limit(limit: Decimal, unit: str) -> str:
    """Beyond these floats give out, and no samples would ever decide."""
    if abs(limit) > LARGEST:
        return "no figure is so large"
    ends = (Decimal(0), Decimal(1)) if unit == "ratio" else (Decimal(0),)
    return next((f"it is too near to {end}" for end in ends if 0 < abs(limit - end) < LEAST), "")


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,11}", text):
        raise BadInput(f"over {text}: that is no number of samples", hint="a whole number, such as over 500")
    return int(text)


def _mending(bound: Bound, why: str) -> str:
    if "needs" in why:
        return "ask for as many, or for less"
    return "a ratio runs from 0 to 1: 99 percent is 0.99, or 99 %" if bound.unit == "ratio" else "change the limit"
