"""How good an answer was, 1 or 0, by the validators on its recorded body, else by what its wire record tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from llmops.chaos.reliability.check import chosen_validators, judged
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.facts import finish_kinds
from llmops.chaos.reliability.lines import exchange_of, was_not_read
from llmops.chaos.reliability.validators.base import Validator, together
from llmops.chaos.wire.stages import TEXT_DIALECTS
from llmops.randomness import stream_seed

SUCCESS = range(200, 300)
VALUES = {"valid": 1.0, "invalid": 0.0}


@dataclass(frozen=True)
class Quality:
    """None is not known: not an answer, not sampled, not decided, or changed by a fault after it was recorded."""

    value: float | None
    by: str  # bodies, wire record, or why there is none


class Sampler:
    """Judges a share of the answers, chosen by dice on the record's own name, so that a second run is the same."""

    def __init__(
        self,
        ratio: float = 1.0,
        seed: int = 0,
        validators: Mapping[str, Validator] | None = None,
        *,
        judge: Callable[[Mapping[str, Any]], Quality] | None = None,
    ) -> None:
        self.ratio = ratio
        self._seed = seed
        self._validators = chosen_validators() if validators is None else validators
        self._judge = judge or self._of_record

    def sampled(self, label: str) -> bool:
        """Whether the answer of that name is looked at."""
        return self.ratio >= 1 or Random(stream_seed(self._seed, label)).random() < self.ratio

    def of(self, record: Mapping[str, Any]) -> Quality:
        """The quality of a wire record's answer, if it is sampled."""
        if not self.sampled(f"{record.get('provider')}:{record.get('call')}:{record.get('at')}"):
            return Quality(None, "not sampled")
        return self._judge(record)

    def _of_record(self, record: Mapping[str, Any]) -> Quality:
        whole = {"complete", "fault"} if "client_body" in record else {"complete"}
        if record.get("status") not in SUCCESS or record.get("ended") not in whole:
            return Quality(None, "no whole answer")
        if record.get("faults") and "client_body" not in record:
            return Quality(None, "a fault may have changed it after it was recorded")
        line = exchange_of(record)
        if isinstance(line, Checked):
            return Quality(VALUES.get(together(judged(line, self._validators))), "bodies")
        return Quality(wire_quality(record), "wire record")


def wire_quality(record: Mapping[str, Any]) -> float | None:
    """By what the proxy noted of the answer: an error in it, its end, its finish reason, how much text it had."""
    if record.get("error_type") is not None:
        return 0.0
    if record.get("dialect") not in TEXT_DIALECTS or record.get("complete") is None or was_not_read(record):
        return None
    kind = finish_kinds(str(record["dialect"])).get(str(record.get("finish_reason")))
    if not record["complete"] or kind in {"cut", "withheld", "broken"}:
        return 0.0
    if record.get("text_characters"):
        return 1.0 if kind == "whole" else None
    return None  # no text: perhaps a tool was called, which the record does not tell
