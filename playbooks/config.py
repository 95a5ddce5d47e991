"""The section `playbooks:` of llmops.yaml: whose the pages are, which templates, and how long an exercise is fresh."""

from pydantic import BaseModel, ConfigDict, Field

MAX_AGE_WEEKS = 12
"""Fallback paths rot when they were not exercised for so long (Tian Pan, 2026-06-01)."""


class PlaybooksSection(BaseModel):
    """All of `playbooks:`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: str | None = Field(None, min_length=1)  # of pages, unless --set owner= names another
    templates: str | None = None  # a folder of own templates, by name before ours
    max_age_weeks: float = Field(MAX_AGE_WEEKS, gt=0, allow_inf_nan=False)
