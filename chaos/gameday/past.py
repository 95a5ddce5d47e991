"""What a run has left on disk so far: phases, requests and gaps, as the journals tell them; the one source of verdicts.

A run that goes on, that has ended and that was killed are read the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from llmops.chaos.experiments.evidence import Injection, Phase, StateProbe
from llmops.chaos.experiments.plan import Plan, Step
from llmops.chaos.gameday.clock import Gap
from llmops.chaos.gameday.detecting import Opening
from llmops.chaos.gameday.kept_requests import Kept, read_kept
from llmops.chaos.gameday.run_folder import RunFolder, whole_lines
from llmops.chaos.gameday.words import Word, heard

PAUSED, CRASHED = "paused", "crashed"


@dataclass
class PastPhase:
    """A phase that began."""

    step: Step
    began_at: float
    on_at: dict[tuple[str, str], float] = field(default_factory=dict)  # when each fault was first seen on
    off_at: float | None = None  # when all were last seen off
    ended_at: float | None = None
    skipped: bool = False

    def phase(self, last_sign_at: float) -> Phase:
        """As evidence; one that was cut off ends with the last sign of life."""
        injections = tuple(self._injection(each) for each in self.step.injections)
        ended_at = last_sign_at if self.ended_at is None else self.ended_at
        return Phase(
            self.step.name,
            self.step.kind,
            self.began_at,
            max(ended_at, self.began_at),
            self.step.requests,
            1,
            injections,
        )

    def _injection(self, one: Injection) -> Injection:
        on_at = self.on_at.get((one.provider, one.name))
        return replace(one, on_at=on_at, off_at=None if on_at is None else self.off_at)


@dataclass
class Past:
    """All of it."""

    phases: list[PastPhase] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    kept: Kept = field(default_factory=Kept)
    state_probes: list[StateProbe] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    canaries: list[Mapping[str, Any]] = field(default_factory=list)  # the steps and notes of the proof of rollback
    notes: list[str] = field(default_factory=list)
    lives: int = 0  # processes that ran it
    ended: bool = False  # the last of them came to an end of its own
    broke_off: str = ""
    began_at: float | None = None
    last_sign_at: float = 0.0

    @property
    def interrupted(self) -> PastPhase | None:
        """The phase that was under way when the last process died."""
        return next((each for each in self.phases if each.ended_at is None), None)

    @property
    def rollback_proven(self) -> bool:
        return any(line["what"] == "rollback proven" for line in self.canaries)

    def finished(self, name: str) -> bool:
        return any(each.step.name == name and each.ended_at is not None for each in self.phases)


def read_past(folder: RunFolder, plan: Plan) -> Past:
    """What this run of the plan has left. KeyError or ValueError for journals that no run writes."""
    past = Past(kept=read_kept(folder.requests), words=[*heard(folder.operator)])
    reader = _Reader(past, {step.name: step for step in plan.steps})
    for line in whole_lines(folder.journal):
        reader.take(line)
    reader.close()
    return past


class _Reader:
    """Takes the journal's lines in their order."""

    def __init__(self, past: Past, steps: Mapping[str, Step]) -> None:
        self._past, self._steps = past, steps
        self._now: PastPhase | None = None
        self._paused_at: float | None = None

    def take(self, line: Mapping[str, Any]) -> None:
        name = str(line.get("what")).replace(" ", "_")
        if "canary" in name or name == "rollback_proven":
            self._past.canaries.append(line)
        else:
            getattr(self, f"_{name}", lambda _line: None)(line)
        self._past.last_sign_at = moment(line)

    def close(self) -> None:
        """In a phase the clock has run as far as its last request was due, or until it was paused."""
        if self._now is not None:
            name, past = self._now.step.name, self._past
            past.last_sign_at = max(self._now.began_at, past.kept.last_due_at.get(name, 0.0))
            if self._paused_at is not None:
                past.last_sign_at = self._paused_at

    def _began(self, line: Mapping[str, Any]) -> None:
        past = self._past
        past.lives, past.ended, past.broke_off = past.lives + 1, False, ""
        past.began_at = moment(line) if past.began_at is None else past.began_at

    def _phase_began(self, line: Mapping[str, Any]) -> None:
        if line["phase"] not in self._steps:
            raise ValueError(f"the journal tells of a phase {line['phase']!r}, which the plan has not")
        self._past.phases = [each for each in self._past.phases if each.step.name != line["phase"]]
        self._now = PastPhase(self._steps[line["phase"]], line["began_at"])
        self._past.phases.append(self._now)

    def _faults_on(self, line: Mapping[str, Any]) -> None:
        if self._now is not None:
            for provider, name, on_at in line["injections"]:
                self._now.on_at.setdefault((provider, name), on_at)
            self._now.off_at = None

    def _faults_off(self, line: Mapping[str, Any]) -> None:
        if self._now is not None:
            self._now.off_at = line["off_at"]

    def _paused(self, line: Mapping[str, Any]) -> None:
        self._paused_at = line["at_s"]

    def _clock_stood(self, line: Mapping[str, Any]) -> None:
        self._past.gaps.append(Gap(line["from_at"], line["to_at"], line["why"], line["phase"]))
        self._paused_at = None

    def _phase_ended(self, line: Mapping[str, Any]) -> None:
        if self._now is not None:
            self._now.ended_at, self._now.skipped = line["ended_at"], bool(line["skipped"])
            self._now, self._paused_at = None, None

    def _state_probe(self, line: Mapping[str, Any]) -> None:
        probe = StateProbe(line["provider"], line["injection"], moment(line), line["held"], line["saw"])
        self._past.state_probes.append(probe)

    def _detector_opened(self, line: Mapping[str, Any]) -> None:
        self._past.openings.append(Opening(line["at_s"], line["where"], line["why"]))

    def _system_ended(self, line: Mapping[str, Any]) -> None:
        told = f"the system ended with exit code {line['exit_code']} in {line['phase']}: {line['last_output']}"
        self._past.notes.append(told)

    def _ended(self, line: Mapping[str, Any]) -> None:
        self._past.ended, self._past.broke_off = True, line.get("broke_off") or ""


def moment(line: Mapping[str, Any]) -> float:
    """When a line of a journal was written, epoch seconds."""
    return datetime.fromisoformat(line["at"]).timestamp()
