"""Whether the answer declines: by the protocol's own means, or politely in plain words."""

from dataclasses import dataclass

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.facts import facts, finish_kinds
from llmops.chaos.reliability.phrases import is_in, normal
from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, undecided


@dataclass(frozen=True)
class Refusal:
    """A soft refusal is one of the phrases of data/refusals.toml near the start of a text that is not long."""

    opening_characters: int = 300  # where it is looked for
    text_characters: int = 1200  # a longer text says more than no

    def judge(self, checked: Checked) -> Judgement:
        answer = checked.answer
        if answer.refusals:
            return invalid("refused", "by the field of the protocol")
        for word in answer.finishes.values():
            if finish_kinds(checked.dialect.name).get(word) == "withheld":
                return invalid("refused", f"finish reason {word[:40]}")
        judged = [self._soft(checked, normal(text)) for text in answer.texts.values() if text.strip()]
        return next((one for one in judged if one.outcome != "valid"), VALID if judged else undecided("no text"))

    def _soft(self, checked: Checked, text: str) -> Judgement:
        opening = text[: self.opening_characters]
        for language, entry in facts("refusals").items():
            for phrase in entry["phrases"]:
                if phrase in opening:
                    return self._found(checked, text, phrase, language)
        return VALID

    def _found(self, checked: Checked, text: str, phrase: str, language: str) -> Judgement:
        if is_in(phrase, checked.request_texts):
            return undecided("the words of a refusal are in the request too")
        if len(text) > self.text_characters:
            return undecided("begins like a refusal and goes on at length")
        return invalid("refused in plain words", f"{language}: {phrase}")
