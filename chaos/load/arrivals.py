"""When the requests of an open load are due: seconds after its start, never later because an answer was slow."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import count as counted
from typing import TYPE_CHECKING, Any, TypeVar

from llmops.errors import BadInput, UnknownName, nearest_hint
from llmops.randomness import stream_seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
BLOCK = 4096  # gaps drawn at once
KINDS = ("constant", "poisson", "gamma")


def constant(rate_per_second: float) -> Iterator[float]:
    """0, 1/rate, 2/rate …, each computed from its number so that no error adds up."""
    _check(rate_per_second, "rate")
    return (number / rate_per_second for number in counted())


def poisson(rate_per_second: float, *, seed: int) -> Iterator[float]:
    """Independent users: exponential gaps of mean 1/rate, the first one included."""
    return gamma(rate_per_second, shape=1.0, seed=seed)


def gamma(rate_per_second: float, *, shape: float, seed: int) -> Iterator[float]:
    """Gaps from a gamma distribution of mean 1/rate, whose squared coefficient of variation is 1/shape.

    Below 1 they come in bursts, 1 is Poisson, above 1 they are more regular. None is clamped.
    """
    _check(rate_per_second, "rate")
    _check(shape, "shape")
    import numpy as np

    dice = np.random.default_rng(stream_seed(seed, "load arrivals"))
    return _summed(lambda: dice.gamma(shape, 1 / (shape * rate_per_second), BLOCK))


def replay(offsets_s: Sequence[float], *, speed: float = 1.0) -> Iterator[float]:
    """Recorded moments again, the first at 0, `speed` times as fast. BadInput for moments that go back in time."""
    _check(speed, "speed")
    return _replayed(offsets_s, speed)


def _replayed(offsets_s: Sequence[float], speed: float) -> Iterator[float]:
    first = last = offsets_s[0] if len(offsets_s) else 0.0
    for offset in offsets_s:
        if not last <= offset < math.inf:
            raise BadInput(f"a request at {offset} s stands after one at {last} s", hint="sort them by time")
        last = offset
        yield (offset - first) / speed


def named(kind: str, rate_per_second: float, *, shape: float, seed: int) -> Iterator[float]:
    """Arrivals of one of KINDS. UnknownName for another."""
    if kind == "gamma":
        return gamma(rate_per_second, shape=shape, seed=seed)
    if kind == "poisson":
        return poisson(rate_per_second, seed=seed)
    if kind == "constant":
        return constant(rate_per_second)
    raise UnknownName(f"no arrivals are named {kind!r}", hint=nearest_hint(kind, KINDS))


def until(
    due: Iterator[T], *, count: int | None = None, duration_s: float | None = None, at_s: Callable[[Any], float] = float
) -> Iterator[T]:
    """What is due up to so many, and before so many seconds; whichever ends first. `at_s`: when something is due."""
    for number, one in enumerate(due):
        if number == count or (duration_s is not None and at_s(one) >= duration_s):
            return
        yield one


def _summed(draw: "Callable[[], NDArray[np.float64]]") -> Iterator[float]:
    at_s = 0.0
    while True:
        for gap_s in draw().tolist():
            at_s += gap_s
            yield at_s


def _check(value: float, what: str) -> None:
    if not 0 < value < math.inf:
        raise BadInput(f"a {what} of {value} cannot be", hint="a number above 0")
