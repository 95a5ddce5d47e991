"""An error whose `x-should-retry` says the opposite of its status."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import LEAST_SERVER_ERROR, check_error_status, kind_of_status, provider_error
from llmops.chaos.wire.parts import Action, Part

RETRIED = {408, 409, 429}  # by the official SDKs, and every status from 500 on (provider-failures.md 9)


@dataclass(frozen=True)
class ShouldRetryAgainstStatus:
    """`false` on a status that clients retry, `true` on one that they do not."""

    family: ClassVar[Family] = "http"

    status: int = 500

    def __post_init__(self) -> None:
        check_error_status(self.status, where="should_retry_against_status")

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        retried = self.status in RETRIED or self.status >= LEAST_SERVER_ERROR
        headers = {"x-should-retry": "false" if retried else "true"}
        return provider_error(context, kind_of_status(self.status), status=self.status, headers=headers)
