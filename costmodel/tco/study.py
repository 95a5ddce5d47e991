"""What a TCO study found, before anybody renders it; and the study that does without a log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from llmops.costmodel.tco.config import SelfHostSection, TcoSection
from llmops.costmodel.tco.decision import Api, BreakEven, decide
from llmops.costmodel.tco.lines import CostLine, Range, total
from llmops.costmodel.tco.options.self_host import GpuTime, SelfHost
from llmops.costmodel.tco.options.stay import Stay
from llmops.report import Finding, Source, Table, Verdict

if TYPE_CHECKING:
    from llmops.costmodel.capacity.fleet import Count, Interval
    from llmops.costmodel.tco.demand import Demand

HARDWARE_LINES = ("gpus", "redundancy", "electricity")
HARDWARE_SHARE_WARNING = Decimal("0.3")  # 20-30 % in 54 deployments (Tian Pan, 2026-04-15): above it people are missing
STATED = "llmops.yaml"


@dataclass(frozen=True)
class Napkin:
    """The naive cost that people compare with: GPUs times hours, and nothing else."""

    usd_per_month: Decimal
    formula: str


@dataclass(frozen=True)
class Study:
    """Both sides of the decision, how they came about, and what was left out."""

    hours_per_month: Decimal
    api: Api
    api_line: CostLine
    lines: Sequence[CostLine]
    hosted: str  # what would be hosted, in words
    verdict: Verdict
    hosting: Mapping[str, str] = field(default_factory=dict)  # the same as plain data, for `llmops infra plan --from`
    napkin: Napkin | None = None
    mtok_per_month: Decimal | None = None
    break_even: BreakEven | None = None
    demand: "Demand | None" = None
    utilisation: "Interval | None" = None
    gpus: "Count | None" = None  # spares included
    tables: Sequence[Table] = ()
    findings: Sequence[Finding] = ()
    sources: Sequence[Source] = ()
    not_covered: Sequence[str] = field(default_factory=tuple)

    @property
    def self_host(self) -> Range:
        """All lines together, USD a month."""
        return total(self.lines)


def as_stated(section: TcoSection) -> Study:
    """The study of a configuration that states the API bill and the GPUs instead of a log."""
    section.require_no_log()
    api_usd = stated_api(section)
    assert api_usd is not None  # noqa: S101 - require_no_log has seen to it
    line = Stay(api_usd, "stated", _said("api"), "as stated").lines()[0]
    lines = SelfHost(
        hours_per_month=section.hours_per_month,
        gpu_time=_stated_gpu_time(section.self_host),
        ownership=section.self_host.ownership,
        stated=section.lines,
        only_stated=section.only_these_lines,
    ).lines()
    api = Api(api_usd)
    return Study(
        hours_per_month=section.hours_per_month,
        api=api,
        api_line=line,
        lines=lines,
        hosted=section.self_host.model or "the model that the configuration means",
        verdict=decide(api, lines),
        napkin=stated_napkin(section),
        mtok_per_month=section.mtok_per_month,
        findings=[
            *missing_people(lines),
            *unused_lines(section),
            Finding("info", "every number is stated or published: nothing was measured."),
        ],
        sources=sources_of([line, *lines]),
        not_covered=["the demand: no log was given, so neither utilisation nor break-even volume is known"],
    )


def stated_api(section: TcoSection) -> Range | None:
    """The API bill a month that the user states, where they do."""
    return section.api_usd_per_month.range if section.api_usd_per_month else None


def stated_napkin(section: TcoSection) -> Napkin | None:
    """The user's own napkin, where they state one."""
    naive = section.self_host.naive
    if naive is None:
        return None
    amount = naive.gpus * naive.usd_per_gpu_hour * section.hours_per_month
    return Napkin(amount, f"{naive.gpus} GPU × {naive.usd_per_gpu_hour} USD/h × {section.hours_per_month} h")


def missing_people(lines: Sequence[CostLine]) -> list[Finding]:
    """A warning when hardware is most of the estimate: then it is people that are missing."""
    whole, hardware = total(lines).typical, total([line for line in lines if line.name in HARDWARE_LINES]).typical
    if whole == 0 or hardware / whole <= HARDWARE_SHARE_WARNING:
        return []
    return [
        Finding(
            "warn",
            f"hardware is {hardware / whole:.0%} of the typical self-hosting cost; in 54 reviewed deployments it was "
            "20 to 30 %, and people the rest.",
            "check the line `people`, and state your own in llmops.yaml",
        )
    ]


def unused_lines(section: TcoSection) -> list[Finding]:
    """Stated lines that are not charged, because they belong to hardware of the other ownership."""
    ownership = section.self_host.ownership
    unused = [name for name, line in section.lines.items() if line.applies_to not in {"both", ownership}]
    return [
        Finding(
            "info", f"{name} applies to {section.lines[name].applies_to} hardware: not charged on {ownership} GPUs."
        )
        for name in unused
    ]


def sources_of(lines: Sequence[CostLine]) -> list[Source]:
    """Each line's source, once."""
    return list(dict.fromkeys(line.source for line in lines))


def _stated_gpu_time(stated: SelfHostSection) -> GpuTime | None:
    if stated.gpus is None or stated.usd_per_gpu_hour is None:
        return None
    return GpuTime(stated.gpus.range, Range.exactly(0), stated.usd_per_gpu_hour.range, "stated", _said("gpus"))


def _said(name: str) -> Source:
    return Source(name, f"{STATED} (stated, not measured)")
