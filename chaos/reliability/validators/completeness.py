"""Whether the answer is all there: readable, ended by its protocol, not cut, not withheld."""

from dataclasses import dataclass

from llmops.chaos.reliability.answer import Answer
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.facts import finish_kinds
from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, undecided

REASONS = {
    "cut": "cut before its end",
    "withheld": "withheld by a filter or a refusal",
    "broken": "the model failed at it",
}
PROBE_TOKENS = 16  # who lets an answer be no longer asks for a sign of life (Responses takes no smaller limit)


@dataclass(frozen=True)
class Completeness:
    """Ended by its protocol's own words and mark, with nothing missing."""

    finish_reason_required: bool = True  # some servers never say one: decide it for each provider

    def judge(self, checked: Checked) -> Judgement:
        answer = checked.answer
        if answer.is_error:
            return invalid("an error instead of an answer", (answer.error_type or "")[:40])
        if answer.damage:
            return invalid("damaged", answer.damage[0])
        if not answer.is_json:
            return invalid("nothing of the protocol in it", "only a terminal mark" if answer.streamed else "no body")
        return self._ending(checked, answer)

    def _ending(self, checked: Checked, answer: Answer) -> Judgement:
        kinds = {word: finish_kinds(checked.dialect.name).get(word, "") for word in answer.finishes.values()}
        for word, kind in kinds.items():
            if kind == "cut" and is_probe(checked):
                return undecided(f"the request lets the answer be {PROBE_TOKENS} tokens or less")
            if kind != "whole":
                return invalid(REASONS.get(kind, "a finish reason that the protocol does not have"), word[:40])
        if answer.streamed and not answer.terminated and answer.finishes:
            return invalid("the terminal mark is missing")
        return self._said_why(answer)

    def _said_why(self, answer: Answer) -> Judgement:
        unsaid = not answer.finishes or ("*" not in answer.finishes and answer.choices - answer.finishes.keys())
        if not unsaid:
            return VALID
        if self.finish_reason_required or (answer.streamed and not answer.terminated):
            return invalid("no finish reason")
        return VALID if answer.streamed else undecided("no finish reason, which this provider may leave out")


def is_probe(checked: Checked) -> bool:
    """Whether the request asks for so little that an answer cut or empty is what it asked for."""
    limit = checked.max_output_tokens
    return limit is not None and limit <= PROBE_TOKENS
