"""The section `tco:` of llmops.yaml: what would be hosted, and what the user states instead of measuring."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from llmops.costmodel.tco.lines import Range
from llmops.errors import BadInput

HOURS_PER_MONTH = Decimal(730)  # 8,760 h a year / 12


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StatedRange(_Section):
    """A number, or its ends; without `typical` the middle is taken."""

    low: Decimal = Field(ge=0)
    typical: Decimal | None = Field(default=None, ge=0)
    high: Decimal = Field(ge=0)

    @model_validator(mode="before")
    @classmethod
    def _from_one_number(cls, data: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
        if isinstance(data, int | float | str) and not isinstance(data, bool):
            return {"low": data, "typical": data, "high": data}
        return data

    @property
    def range(self) -> Range:
        """The ends as a Range. BadInput where they do not rise."""
        return Range(self.low, (self.low + self.high) / 2 if self.typical is None else self.typical, self.high)


class StatedLine(StatedRange):
    """A cost line in USD a month, with who says so."""

    source: str = "llmops.yaml"
    dated: date | None = None
    what: str = ""
    applies_to: Literal["rented", "owned", "both"] = "both"


class Naive(_Section):
    """The napkin: so many GPUs at so much an hour, and nothing else."""

    gpus: Decimal = Field(gt=0)
    usd_per_gpu_hour: Decimal = Field(ge=0)


def _lower(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    return value.lower() if isinstance(value, str) else value


class SelfHostSection(_Section):
    """What would be hosted, on what, and what is stated of it."""

    model: str | None = None
    gpu: str | None = None
    precision: Annotated[str | None, BeforeValidator(_lower)] = None
    ownership: Literal["rented", "owned"] = "rented"
    headroom_ratio: float = Field(default=0.7, gt=0, le=1)
    spare_replicas: int = Field(default=1, ge=0)
    tpot_slo_s: float = Field(default=0.05, gt=0)
    max_batch: int = Field(default=256, ge=1)
    gpus: StatedRange | None = None
    usd_per_gpu_hour: StatedRange | None = None
    naive: Naive | None = None


class TcoSection(_Section):
    """All of it. Every number given here is marked "stated, not measured"."""

    api_usd_per_month: StatedRange | None = None
    mtok_per_month: Decimal | None = Field(default=None, gt=0)
    hours_per_month: Decimal = Field(default=HOURS_PER_MONTH, gt=0, le=744)
    self_host: SelfHostSection = SelfHostSection()
    only_these_lines: bool = False  # the published figures are left out: what is stated is all
    lines: dict[str, StatedLine] = {}

    def require_no_log(self) -> None:
        """BadInput when too little is stated to do without a log."""
        if self.api_usd_per_month is None:
            raise BadInput(
                "no log, and no stated API bill",
                hint="give a LOG, or set `tco.api_usd_per_month` in llmops.yaml",
            )
        if "gpus" not in self.lines and (self.self_host.gpus is None or self.self_host.usd_per_gpu_hour is None):
            raise BadInput(
                "no log, and nothing stated that the GPUs would cost",
                hint="set `tco.self_host.gpus` and `usd_per_gpu_hour`, or the line `tco.lines.gpus`",
            )
