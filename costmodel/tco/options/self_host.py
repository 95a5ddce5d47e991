"""Host an open-weight model on rented or owned GPUs: you pay for the peak, whether or not tokens flow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from llmops.costmodel.tco.assumptions import Assumption, assumptions
from llmops.costmodel.tco.config import StatedLine
from llmops.costmodel.tco.lines import Basis, CostLine, Range
from llmops.errors import BadInput
from llmops.report import Source

GB = Decimal(1_000_000_000)


@dataclass(frozen=True)
class GpuTime:
    """GPUs held all month, and what an hour of one costs."""

    serving: Range  # for the busiest bucket at the headroom
    spare: Range  # on top of them, so that one replica may fail
    usd_per_hour: Range
    basis: Basis
    source: Source


@dataclass(frozen=True)
class SelfHost:
    """One model on one kind of GPU. What the user states replaces the line of that name, or adds a line."""

    hours_per_month: Decimal
    gpu_time: GpuTime | None  # None when the line `gpus` is stated
    weights_gb: Decimal | None = None  # None when nothing is known of the model
    output_tokens_per_month: Decimal | None = None
    ownership: Literal["rented", "owned"] = "rented"
    stated: Mapping[str, StatedLine] = field(default_factory=dict)
    only_stated: bool = False

    def lines(self) -> Sequence[CostLine]:
        """GPUs first, then people, then the rest. BadInput where owned hardware has no stated cost."""
        if self.ownership == "owned" and "gpus" not in self.stated:
            raise BadInput(
                "owned hardware, and nothing stated that it costs a month",
                hint="set the line `tco.lines.gpus` to its depreciation and interest a month",
            )
        if self.ownership == "owned" and "electricity" not in self.stated and not self.only_stated:
            raise BadInput(
                "owned hardware, and nothing stated that its electricity and cooling cost",
                hint="set the line `tco.lines.electricity`, to 0 where another line holds it",
            )
        computed = {line.name: line for line in self._computed()}
        stated = {
            name: self._stated(name, line) for name, line in self.stated.items() if self._applies(line.applies_to)
        }
        return list((computed | stated).values())

    def _computed(self) -> Iterator[CostLine]:
        if self.gpu_time is not None and "gpus" not in self.stated:
            yield from _gpu_lines(self.gpu_time, self.hours_per_month)
        if self.only_stated:
            return
        for assumption in assumptions().values():
            amount = self._amount(assumption)
            if amount is not None and self._applies(assumption.applies_to):
                yield _assumed(assumption, *amount)

    def _amount(self, assumption: Assumption) -> tuple[Range, str] | None:
        """USD a month and how it came about; None where the line needs something that is not known."""
        match assumption.unit:
            case "usd_per_month":
                return assumption.value, ""
            case "usd_per_hour":
                formula = f"{assumption.value.typical} USD/h × {self.hours_per_month} h"
                return assumption.value.times(self.hours_per_month), formula
            case "usd_per_gb_month" if self.weights_gb is not None:
                return _storage(assumption, self.weights_gb)
            case "usd_per_gb" if self.output_tokens_per_month is not None:
                return _egress(assumption, self.output_tokens_per_month)
        return None

    def _applies(self, applies_to: str) -> bool:
        """What belongs to owned hardware is never charged on a rented GPU, whose price holds it already."""
        return applies_to in {"both", self.ownership}

    def _stated(self, name: str, line: StatedLine) -> CostLine:
        source = Source(name, f"{line.source} (stated, not measured)", line.dated)
        what = line.what or (assumptions()[name].what if name in assumptions() else "as stated")
        return CostLine(name, what, line.range, "stated", source, line.applies_to, "as stated")


def _gpu_lines(time: GpuTime, hours: Decimal) -> Iterator[CostLine]:
    yield _gpu_line("gpus", "for the busiest bucket, idle hours included", time.serving, time, hours)
    if time.spare.high > 0:
        yield _gpu_line("redundancy", "spare replica, so that one may fail", time.spare, time, hours)


def _gpu_line(name: str, what: str, gpus: Range, time: GpuTime, hours: Decimal) -> CostLine:
    formula = f"{gpus.typical.normalize():f} GPUs × {time.usd_per_hour.typical} USD/h × {hours} h"
    amount = gpus.times(time.usd_per_hour).times(hours)
    return CostLine(name, what, amount, time.basis, time.source, "both", formula, driver="GPUs")


def _assumed(assumption: Assumption, amount: Range, formula: str) -> CostLine:
    return CostLine(
        assumption.name, assumption.what, amount, "assumed", assumption.source, assumption.applies_to, formula,
        grows_with_volume=assumption.unit == "usd_per_gb",
    )  # fmt: skip


def _storage(assumption: Assumption, weights_gb: Decimal) -> tuple[Range, str]:
    copies = assumption.more_range("copies")
    formula = f"{weights_gb:.0f} GB × {copies.typical} copies × {assumption.value.typical} USD/GB-month"
    return copies.times(weights_gb).times(assumption.value), formula


def _egress(assumption: Assumption, output_tokens: Decimal) -> tuple[Range, str]:
    sizes = assumption.more_range("bytes_per_output_token")
    gigabytes = sizes.times(output_tokens).divided_by(GB)
    charged = gigabytes.each(lambda gb: max(Decimal(0), gb - Decimal(assumption.more["free_gb"])))
    formula = f"({gigabytes.typical:.1f} GB − {assumption.more['free_gb']} GB free) × {assumption.value.typical} USD/GB"
    return charged.times(assumption.value), formula
