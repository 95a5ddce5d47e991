"""Whether an error stands in the text as if it were the answer."""

import re
from dataclasses import dataclass
from functools import cache

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.facts import facts
from llmops.chaos.reliability.phrases import normal
from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, undecided


@dataclass(frozen=True)
class ErrorText:
    """The patterns of data/error_texts.toml at the start of a text that is not long: a longer one explains an error."""

    text_characters: int = 400

    def judge(self, checked: Checked) -> Judgement:
        texts = [normal(text) for text in checked.answer.texts.values() if text.strip()]
        if not texts:
            return undecided("no text")
        for text in texts:
            for where, pattern in patterns():
                found = pattern.match(text) if len(text) <= self.text_characters else None
                if found and any(found.group() in normal(said) for said in checked.request_texts):
                    return undecided("an error's words that are in the request too")
                if found:
                    return invalid("an error told as the answer", f"the words of a {where}")
        return VALID


@cache
def patterns() -> tuple[tuple[str, "re.Pattern[str]"], ...]:
    entries = facts("error_texts").items()
    return tuple((where, re.compile(pattern)) for where, entry in entries for pattern in entry["patterns"])
