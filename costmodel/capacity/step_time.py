"""The seam of every capacity question: how long one iteration of the serving engine takes.

roofline  ─┐
table      ├─ step_time(batch, context_tokens, prefill_tokens) ─▶ fleet size · simulation
...       ─┘
"""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = float | FloatArray


@dataclass(frozen=True)
class Assumption:
    """One assumption behind an estimate, as a line for a report: what, with which value, and who says so."""

    text: str
    value: str
    source: str


class StepTime(Protocol):
    """Seconds of one engine iteration; never shorter with more sequences, longer contexts or more prompt tokens.

    `batch` sequences decode one token each, at a mean context of `context_tokens`, while `prefill_tokens` new prompt
    tokens are worked through. All three may be fractions (a steady state has fractions) and arrays, which broadcast.
    """

    def __call__(self, batch: Numbers, context_tokens: Numbers, prefill_tokens: Numbers) -> FloatArray:
        """Seconds, in the broadcast shape of the three."""
        ...

    def bound(self, batch: float, context_tokens: float, prefill_tokens: float) -> str:
        """What such a step waits for, in a word for a report: "bandwidth", "compute"."""
        ...


@dataclass(frozen=True)
class Slowed:
    """A step time with each step `factor` times as long: how an error of the prediction is carried through."""

    inner: StepTime
    factor: float

    def __call__(self, batch: Numbers, context_tokens: Numbers, prefill_tokens: Numbers) -> FloatArray:
        return self.inner(batch, context_tokens, prefill_tokens) * self.factor

    def bound(self, batch: float, context_tokens: float, prefill_tokens: float) -> str:
        return self.inner.bound(batch, context_tokens, prefill_tokens)


@dataclass(frozen=True)
class StepTimes:
    """The same deployment at both ends and in the middle of what is known about it (p10, p50, p90)."""

    slow: StepTime
    typical: StepTime
    fast: StepTime
    assumptions: tuple[Assumption, ...] = ()
