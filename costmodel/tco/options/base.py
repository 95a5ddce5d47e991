"""An option: one way to serve the demand, as lines of cost a month."""

from collections.abc import Sequence
from typing import Protocol

from llmops.costmodel.tco.lines import CostLine


class Option(Protocol):
    """Fields are what was decided or measured; the lines are what it costs."""

    def lines(self) -> Sequence[CostLine]: ...
