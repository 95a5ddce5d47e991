"""What a validator is: it finds one exchange valid or invalid, or says why that is not decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from llmops.chaos.reliability.exchange import Checked
from llmops.registry import Registry

Outcome = Literal["valid", "invalid", "undecided"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The reason is the same for like cases, so that they can be counted; the evidence is of this one, short, and
    never quotes what a user or a model said.
    """

    outcome: Outcome
    reason: str = ""
    evidence: str = ""


VALID = Judgement("valid")


def invalid(reason: str, evidence: str = "") -> Judgement:
    return Judgement("invalid", reason, evidence)


def undecided(reason: str) -> Judgement:
    """Not decided is never a pass."""
    return Judgement("undecided", reason)


class Validator(Protocol):
    """A frozen dataclass; its fields are its configuration."""

    def judge(self, checked: Checked) -> Judgement: ...


validators: Registry[Validator] = Registry("validator", "llmops.chaos.reliability.validators")

PROOF = ("completeness", "empty")
"""Without these two an answer is not known to be good, whatever else holds of it."""


def together(judgements: Mapping[str, Judgement]) -> Outcome:
    """Invalid where any says so; valid where some do and none of the proof that was asked for is missing."""
    outcomes = {name: judgement.outcome for name, judgement in judgements.items()}
    if "invalid" in outcomes.values():
        return "invalid"
    proven = all(outcomes.get(name, "valid") == "valid" for name in PROOF)
    return "valid" if proven and "valid" in outcomes.values() else "undecided"
