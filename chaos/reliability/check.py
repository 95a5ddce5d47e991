"""Judging recorded exchanges by all validators, and counting what they say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.lines import Line, Rejected, SetAside
from llmops.chaos.reliability.validators.base import Judgement, Outcome, Validator, together, validators


@dataclass(frozen=True)
class Example:
    """One finding, by the number of its line."""

    line: int
    validator: str
    reason: str
    evidence: str


@dataclass
class Checks:
    """What was found so far. Lines are valid, invalid or undecided as a whole, or were not judged at all."""

    validators: Mapping[str, Validator]
    examples_each: int = 3
    lines: Counter[Outcome] = field(default_factory=Counter)
    by_validator: dict[str, Counter[Outcome]] = field(default_factory=dict)
    reasons: dict[str, Counter[tuple[Outcome, str]]] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    set_aside: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    _shown: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def decided(self) -> int:
        """Lines that are known to be good or bad."""
        return self.lines["valid"] + self.lines["invalid"]

    def add(self, number: int, line: Line) -> None:
        """Judge one line and count it."""
        if isinstance(line, SetAside):
            self.set_aside[line.reason] += 1
        elif isinstance(line, Rejected):
            self.rejected[line.reason] += 1
        else:
            self._judged(number, judged(line, self.validators))

    def _judged(self, number: int, judgements: Mapping[str, Judgement]) -> None:
        self.lines[together(judgements)] += 1
        for name, judgement in judgements.items():
            self.by_validator.setdefault(name, Counter())[judgement.outcome] += 1
            if judgement.reason:
                self.reasons.setdefault(name, Counter())[judgement.outcome, judgement.reason] += 1
            self._example(number, name, judgement)

    def _example(self, number: int, name: str, judgement: Judgement) -> None:
        kind = (name, judgement.reason)
        if judgement.outcome == "invalid" and self._shown[kind] < self.examples_each:
            self._shown[kind] += 1
            self.examples.append(Example(number, name, judgement.reason, judgement.evidence))


def judged(checked: Checked, chosen: Mapping[str, Validator]) -> dict[str, Judgement]:
    """What each validator says of an exchange."""
    return {name: validator.judge(checked) for name, validator in chosen.items()}


def chosen_validators(names: Sequence[str] = (), **settings: Validator) -> dict[str, Validator]:
    """Validators by name, all where none is named; `settings` are those that are not as by default. UnknownName."""
    return {name: settings.get(name) or validators.get(name)() for name in names or validators.names()}


def numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, from 1; blank ones are counted and left out."""
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
