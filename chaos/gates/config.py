"""The section `gates:` of llmops.yaml: the file of gates, and how old a result may be."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from llmops.chaos.gates.schema import duration


class GatesSection(BaseModel):
    """All of `gates:`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str | None = Field(None, min_length=1)  # read where `llmops gate` is given none
    max_age: Annotated[timedelta, BeforeValidator(duration)] | None = None  # where the file of gates names none
