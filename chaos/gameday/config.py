"""The section `gameday:` of llmops.yaml: where the runs of game days are."""

from pydantic import BaseModel, ConfigDict, Field


class GamedaySection(BaseModel):
    """All of `gameday:`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    runs_dir: str = Field("runs", min_length=1)
