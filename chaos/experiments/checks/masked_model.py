"""The caller is told which model answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtMost
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import claims_success, is_dated_name, model_of
from llmops.chaos.experiments.selection import phases_of, requests_of


@dataclass(frozen=True)
class MaskedModel(AtMost):
    """Told another name than that of the model which answered. Names that the system gives to a model in its healthy
    baseline are its names for it; those it gives to a backup are listed: `aliases: {backup: [gpt-4o-mini]}`.
    """

    aliases: Mapping[str, list[str]] = field(default_factory=dict)  # what callers are told: the models it may mean

    said: ClassVar[str] = "were told another model than the one that answered"

    def asked(self, evidence: Evidence) -> list[UserRequest]:
        return [request for request in super().asked(evidence) if _names(request) is not None]

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:
        names = _names(request)
        return names is not None and names not in set(_usual(evidence)) and not self._means(*names)

    def _means(self, told: str, real: str) -> bool:
        return (
            told == real or is_dated_name(real, told) or is_dated_name(told, real) or real in self.aliases.get(told, ())
        )


def _names(request: UserRequest) -> tuple[str, str] | None:
    """What the caller was told, and which model it was; None where either is unknown."""
    real = model_of(request)
    if not claims_success(request) or real is None or request.model_answered is None:
        return None
    return request.model_answered, real


def _usual(evidence: Evidence) -> Iterator[tuple[str, str]]:
    for request in requests_of(evidence, phases_of(evidence, kind="baseline")):
        if names := _names(request):
            yield names
