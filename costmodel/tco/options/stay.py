"""Stay with the API: pay for each token, and for nothing while none flow."""

from collections.abc import Sequence
from dataclasses import dataclass

from llmops.costmodel.tco.lines import Basis, CostLine, Range
from llmops.report import Source


@dataclass(frozen=True)
class Stay:
    """The API bill of a month, from the log and dated prices or as stated."""

    usd_per_month: Range
    basis: Basis
    source: Source
    formula: str

    def lines(self) -> Sequence[CostLine]:
        return [CostLine("api", "tokens at the API", self.usd_per_month, self.basis, self.source, "both", self.formula)]
