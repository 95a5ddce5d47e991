"""The form of a game day's plan: an experiment, and one key `gameday` with what people need besides."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from llmops.chaos.experiments.schema import NAME, Count, Experiment, Ratio, Seconds, wrong_in
from llmops.chaos.reliability.breaker import SIGNALS, Baseline, Settings, Signal

TO_BE_FILLED = "to be filled"
CONDITIONS = ("burn_over_expected", "functional_success_below", "usd_over")
Name = Annotated[str, Field(pattern=NAME)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1)]
PhaseName = str
Check = str | dict[str, dict[str, Any] | None]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Hypothesis(_Strict):
    """What the team believes, and the check that says whether it was so."""

    name: Name
    says: Words
    check: Check  # one expectation, as the experiment's are written
    phases: list[PhaseName] = []  # in place of the check's own `phases`


class Roles(_Strict):
    """Who does what. One person may have several, but nobody commands and responds."""

    commander: Words = TO_BE_FILLED  # starts, aborts, ends
    driver: Words = TO_BE_FILLED  # at the keyboard of `llmops gameday run`
    responders: list[Words] = [TO_BE_FILLED]  # who would be on call
    scribe: Words = TO_BE_FILLED  # keeps `llmops gameday note`


class BlastRadius(_Strict):
    """Who may be hit, in words and as the share of each phase's requests; the receipts are held against it."""

    says: Words
    request_ratio: dict[PhaseName, Ratio] = {}  # requests that meet the phase's faults, at most; of phases with faults


class Checklists(_Strict):
    """What is ticked off, by whom it stands in the text."""

    before: list[Words] = []
    during: list[Words] = []
    after: list[Words] = []


class Told(_Strict):
    """Somebody who is told something."""

    who: Words
    when: Words
    what: Words | None = None


class Communication(_Strict):
    """Where people talk, and who is told when."""

    channels: list[Words] = []
    tell: list[Told] = []


class ErrorBudget(_Strict):
    """What failed requests burn. The burn rate is the failed ratio over 1 - target; 1 uses the budget up in a window.

    The rate that is expected of a phase follows from `expected_failed_ratio`: the share of callers' requests that the
    plan expects to fail in it, above 0.
    """

    target_ratio: Annotated[float, Field(gt=0, lt=1)]  # of good answers
    window_days: Above = 30.0
    expected_failed_ratio: dict[PhaseName, Share] = {}

    def expected_burn(self, phase: PhaseName) -> float | None:
        """The expected rate; None where the plan names none."""
        expected = self.expected_failed_ratio.get(phase)
        return None if expected is None else expected / (1 - self.target_ratio)


class AbortWhen(_Strict):
    """What stops the game day and ends its faults: one condition or more. Over the last requests of a phase."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": [name]} for name in CONDITIONS]})

    burn_over_expected: Annotated[float, Field(gt=1, allow_inf_nan=False)] | None = None  # times the phase's rate
    functional_success_below: Ratio | dict[PhaseName, Ratio] | None = None  # in every phase, or in those named
    usd_over: Above | None = None  # of all attempts since the start
    over_requests: Count = 20

    @model_validator(mode="after")
    def _is_one(self) -> "AbortWhen":
        if all(getattr(self, name) is None for name in CONDITIONS):
            raise ValueError(f"a game day has an abort condition: {', '.join(CONDITIONS)}")
        return self

    def floor(self, phase: PhaseName) -> float | None:
        """The least functional success of a phase; None where it has no floor."""
        below = self.functional_success_below
        return below.get(phase) if isinstance(below, dict) else below


class Canary(_Strict):
    """The fault that proves the way back before the start: injected, seen, and ended by its lease alone."""

    lease_s: Annotated[float, Field(ge=1, le=60)] = 5.0


class Safety(_Strict):
    """What keeps a game day from becoming an outage."""

    error_budget: ErrorBudget
    abort_when: AbortWhen
    canary: Canary = Canary()


class Detector(_Strict):
    """The breaker on three signals that watches beside the people, with its defaults; see docs/detection.md."""

    signals: Annotated[list[Signal], Field(min_length=1)] = list(SIGNALS)
    window_s: Above = Settings.window_s
    min_samples: Count = Settings.min_samples
    min_qualities: Count = Settings.min_qualities
    error_ratio: Share = Settings.error_ratio
    latency_factor: Above = Settings.latency_factor
    quality_factor: Share = Settings.quality_factor
    cool_down_s: Above = Settings.cool_down_s
    probes: Count = Settings.probes
    baseline_s: Above = Settings.baseline_s
    healthy_error_ratio: Annotated[float, Field(ge=0, lt=1)] = Settings.healthy_error_ratio
    baseline_p95_s: Above | None = None  # the normal P95; else it is learned
    baseline_quality: Share | None = None  # the normal quality; else it is learned
    sample_ratio: Share = 1.0  # of answers whose quality is looked at
    latency: Literal["total", "ttft"] = "total"
    error_statuses: list[Annotated[int, Field(ge=100, le=599)]] = []  # counted as the provider's errors, too

    def settings(self) -> Settings:
        """Those of the breaker."""
        own = {"baseline_p95_s", "baseline_quality", "sample_ratio", "latency", "error_statuses"}
        return Settings(**{**self.model_dump(exclude=own), "signals": tuple(self.signals)})

    def baseline(self) -> Baseline:
        return Baseline(self.baseline_p95_s, self.baseline_quality)


class Gameday(_Strict):
    """What a plan has besides its experiment."""

    goal: Words
    duration_s: Seconds | None = None  # of the whole run, at most: no phase is longer, nor all of them
    hypotheses: Annotated[list[Hypothesis], Field(min_length=1)]
    roles: Roles = Roles()
    blast_radius: BlastRadius
    notes: dict[PhaseName, Words] = {}  # what to watch, by phase; `baseline` and `recovery` are phases too
    checklists: Checklists = Checklists()
    communication: Communication = Communication()
    safety: Safety
    blind: bool = False  # responders do not see what was injected
    detector: Detector | None = None


class PlanForm(Experiment):
    """The whole file."""

    gameday: Gameday


def form_from(data: Mapping[str, Any]) -> PlanForm:
    """The form that the data have. Wrong where they have none."""
    try:
        return PlanForm.model_validate(dict(data))
    except ValidationError as error:
        raise wrong_in(error, PlanForm) from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the form, as it is committed beside this file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://llmops-toolkit.dev/gameday.schema.json",
        **PlanForm.model_json_schema(),
    }
