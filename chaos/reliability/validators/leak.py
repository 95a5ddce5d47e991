"""Whether something shows that must not: control tokens of a chat template, or a prompt that has taken over."""

from dataclasses import dataclass

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.facts import facts
from llmops.chaos.reliability.phrases import is_in, normal
from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, undecided


@dataclass(frozen=True)
class Leak:
    """Tokens anywhere in the text; words of obedience near its start; the user's own words as most of the answer."""

    opening_characters: int = 300
    echo_characters: int = 60  # of the user's last message, which must be whole in the answer …
    echo_ratio: float = 0.5  # … and so much of it

    def judge(self, checked: Checked) -> Judgement:
        text = checked.answer.text
        if not text.strip():
            return undecided("no text")
        return next((one for one in (_token(checked), self._obedience(checked), self._echo(checked)) if one), VALID)

    def _obedience(self, checked: Checked) -> Judgement | None:
        opening = normal(checked.answer.text)[: self.opening_characters]
        for entry in facts("leaks")["obedience"].values():
            for phrase in entry["words"]:
                if phrase in opening:
                    if is_in(phrase, checked.request_texts):
                        return undecided("words of obedience that are in the request too")
                    return invalid("the prompt has taken over", phrase)
        return None

    def _echo(self, checked: Checked) -> Judgement | None:
        said, asked = normal(checked.answer.text), normal(checked.user_text)
        if len(asked) >= self.echo_characters and asked in said and len(asked) >= self.echo_ratio * len(said):
            return invalid("an echo of the prompt", f"{len(asked) / len(said):.0%} of the answer")
        return None


def _token(checked: Checked) -> Judgement | None:
    text = checked.answer.text
    for family, entry in facts("leaks")["tokens"].items():
        for token in entry["words"]:
            if token in text:
                if any(token in said for said in checked.request_texts):
                    return undecided("a control token that is in the request too")
                return invalid("a control token in the text", f"{family}: {token}")
    return None
