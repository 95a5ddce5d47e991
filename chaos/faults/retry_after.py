"""An error whose `Retry-After` is right, or hostile: a date, nothing, the past, a day, an age, or garbage."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import ClassVar, Literal

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import Headers, check_error_status, kind_of_status, provider_error
from llmops.chaos.wire.parts import Action, Part

AN_HOUR_S, A_DAY_S = 3600, 86_400
FIXED = {"zero": "0", "negative": "-5", "day_long": str(A_DAY_S), "absurd": "999999999999", "garbage": "soon, probably"}


@dataclass(frozen=True)
class RetryAfter:
    """The provider's own error of that status, with this header in place of its own."""

    family: ClassVar[Family] = "http"

    variant: Literal["seconds", "ms", "http_date", "zero", "negative", "past", "day_long", "absurd", "garbage"] = (
        "seconds"
    )
    seconds: float = 2.0  # of the variants seconds, ms and http_date
    status: int = 429

    def __post_init__(self) -> None:
        at_least(0, seconds=self.seconds)
        check_error_status(self.status, where="retry_after")

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        headers = {"retry-after": None, "retry-after-ms": None, **self._header(context.clock())}
        return provider_error(context, kind_of_status(self.status), status=self.status, headers=headers)

    def _header(self, now_s: float) -> Headers:
        match self.variant:
            case "seconds":
                return {"retry-after": f"{self.seconds:g}"}
            case "ms":
                return {"retry-after-ms": f"{self.seconds * 1000:g}"}
            case "http_date":
                return {"retry-after": _http_date(now_s + self.seconds)}
            case "past":
                return {"retry-after": _http_date(now_s - AN_HOUR_S)}
            case fixed:
                return {"retry-after": FIXED[fixed]}


def _http_date(epoch_s: float) -> str:
    return format_datetime(datetime.fromtimestamp(epoch_s, UTC), usegmt=True)
