"""The section `prices:` of llmops.yaml: own prices, negotiated discounts, names of deployments."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_FLOAT_DIGITS = 15  # what a YAML float keeps exactly as it was written


def _as_written(value: Any) -> Any:  # noqa: ANN401 - whatever YAML found
    """A YAML number as the decimal that was typed, not as the binary fraction next to it."""
    if isinstance(value, bool):
        raise ValueError("a number is needed, not yes or no")  # noqa: TRY004 - pydantic reports ValueError
    if not isinstance(value, float):
        return value
    decimal = Decimal(repr(value))
    if decimal.is_finite() and len(decimal.normalize().as_tuple().digits) > _FLOAT_DIGITS:
        raise ValueError("more than 15 digits: write the number in quotes, so that all of them are kept")
    return decimal


Money = Annotated[Decimal, BeforeValidator(_as_written), Field(ge=0, max_digits=40, decimal_places=30)]
Percent = Annotated[Decimal, BeforeValidator(_as_written), Field(ge=0, le=100, max_digits=20, decimal_places=15)]
Name = Annotated[str, Field(min_length=1)]


class _Dated(BaseModel):
    """Something that holds from one day to another, both included, and says where it was found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    source: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.until and self.until < self.from_:
            raise ValueError(f"`until` {self.until} is before `from` {self.from_}")
        return self

    def holds_on(self, day: date) -> bool:
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day <= self.until)


class OwnPrice(_Dated):
    """A price of one's own, before the catalogue. A class without its own rate takes its parent's."""

    provider: Name | None = None  # None: whichever provider the log names
    model: Name
    processing: Literal["standard", "batch"] = "standard"
    service_tier: Literal["standard", "flex", "priority", "fast"] = "standard"
    speed: Literal["standard", "fast"] = "standard"
    input_usd_per_mtok: Money | None = None
    cache_read_usd_per_mtok: Money | None = None
    cache_write_usd_per_mtok: Money | None = None
    cache_write_5m_usd_per_mtok: Money | None = None
    cache_write_1h_usd_per_mtok: Money | None = None
    input_audio_usd_per_mtok: Money | None = None
    output_usd_per_mtok: Money | None = None
    output_reasoning_usd_per_mtok: Money | None = None
    output_audio_usd_per_mtok: Money | None = None
    usd_per_1k_requests: Money | None = None

    @model_validator(mode="after")
    def _has_a_rate(self) -> Self:
        if not self.rates:
            raise ValueError("states no rate: add for example `input_usd_per_mtok`")
        if self.output_reasoning_usd_per_mtok is not None and self.output_audio_usd_per_mtok is not None:
            raise ValueError("reasoning and audio output may overlap: state a rate for one of them")
        return self

    @property
    def rates(self) -> dict[str, Decimal]:
        """USD per Mtok (per 1,000 for requests), by the key of the same price in genai-prices."""
        stated = {key: getattr(self, field) for field, key in _CATALOGUE_KEYS.items()}
        return {key: rate for key, rate in stated.items() if rate is not None}


_CATALOGUE_KEYS = {
    field: "requests_kcount" if field == "usd_per_1k_requests" else field.replace("_usd_per_mtok", "_mtok")
    for field in OwnPrice.model_fields
    if "usd" in field
}


class Discount(_Dated):
    """A negotiated discount on the catalogue price. Two that hold for the same model and day are an error."""

    provider: Name
    model: Name = "*"  # a pattern, matched against the name in the log and the name in the catalogue
    percent: Percent


class PricesSection(BaseModel):
    """All of `prices:`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    own: tuple[OwnPrice, ...] = ()
    discounts: tuple[Discount, ...] = ()
    aliases: dict[Name, Name] = Field(default_factory=dict)  # a deployment's name -> provider:model
