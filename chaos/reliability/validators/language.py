"""Whether the answer is in the language it was asked in."""

import re
from dataclasses import dataclass

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.languages import (
    NO_WORDS,
    Told,
    language_of_script,
    letters_of,
    script_of,
    speaks_of,
    tell,
)
from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, undecided
from llmops.chaos.wire.json_scan import parsed_any

LETTERS = re.compile(r"[^\W\d_]{2,}")  # a single letter of another script is a sign, such as µ


@dataclass(frozen=True)
class Language:
    """Another language, or so many letters of a script that the request has not. A request that speaks of languages,
    or is itself in several, decides nothing.
    """

    stray_ratio: float = 0.2  # of the letters; fewer do not decide

    def judge(self, checked: Checked) -> Judgement:
        text = checked.answer.text
        if isinstance(parsed_any(text.encode()), dict | list):
            return undecided("structured output has no language")
        asked, told = tell(checked.user_text), tell(text)
        if not told.letters:
            return undecided("the answer has no words")
        if differ(asked, told):
            return _other(checked, told.name, told.language, asked)
        foreign = _foreign(checked, asked, text)
        return self._stray(checked, foreign, asked, told) if foreign else _same(asked, told)

    def _stray(self, checked: Checked, foreign: dict[str, int], asked: Told, told: Told) -> Judgement:
        most = max(foreign, key=lambda script: foreign[script])
        if foreign[most] < self.stray_ratio * sum(told.letters.values()):
            return undecided("some letters of a script that the request has not")
        return _other(checked, f"{most} letters", language_of_script(most), asked)


def _same(asked: Told, told: Told) -> Judgement:
    for whose, one in (("request", asked), ("answer", told)):
        if one.language is None:
            return undecided(f"the language of the {whose} cannot be told")
    return VALID


def differ(asked: Told, told: Told) -> bool:
    """Both are known, and not the same. A text in Latin letters is known by its language only: many write in them
    what has letters of its own.
    """
    if asked.language and told.language:
        return asked.language != told.language
    known = all(one.script and (one.language or one.script != "Latin") for one in (asked, told))
    return known and asked.script != told.script


def _foreign(checked: Checked, asked: Told, text: str) -> dict[str, int]:
    """Letters, two or more in a row, of scripts that no text of the request has, where the user's language is known."""
    if asked.language is None:
        return {}
    known = {script for said in checked.request_texts for script in letters_of(said)} | {None}
    runs = "".join(LETTERS.findall(NO_WORDS.sub(" ", text)))
    return letters_of("".join(letter for letter in runs if script_of(letter) not in known))


def _other(checked: Checked, name: str, language: str | None, asked: Told) -> Judgement:
    """An answer in another language, unless that may be what was asked for."""
    if any(speaks_of(said, language) for said in checked.request_texts):
        return undecided("the request speaks of languages")
    lines = {line for said in checked.request_texts for line in said.splitlines()}
    if language and any(tell(line).language == language for line in lines):
        return undecided("the request itself is in both languages")
    return invalid("another language than the request's", f"{name} for {asked.name}")
