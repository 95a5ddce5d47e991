"""Whether the answer fell into a loop: the same words again and again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from operator import eq

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, undecided
from llmops.chaos.wire.json_scan import parsed_any

CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
# A word; a single sign of the scripts that write no spaces between words.
WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")
LONGEST_PHRASE = 64  # words
WORDS_LOOKED_AT = 4_000  # of the end: a loop goes on to the end, or the limit


@dataclass(frozen=True)
class Repetition:
    """A phrase of up to 64 words, so often in a row, making up so much of the text. Code is not looked at."""

    times: int = 5  # in a row
    words: int = 20  # in all its repetitions
    ratio: float = 0.3  # of the words of the text

    def judge(self, checked: Checked) -> Judgement:
        texts = [WORD.findall(text.casefold())[-WORDS_LOOKED_AT:] for text in prose(checked.answer.text)]
        if not any(texts):
            return undecided("no words to look at")
        for words in texts:
            start, period, times = longest_loop(words)
            looped = period * times
            if times >= self.times and looped >= max(self.words, self.ratio * len(words)):
                return self._found(checked, words[start : start + period], times, looped / len(words))
        return VALID

    @staticmethod
    def _found(checked: Checked, phrase: list[str], times: int, ratio: float) -> Judgement:
        asked = chain.from_iterable(WORD.findall(text.casefold()) for text in checked.request_texts)
        if f" {' '.join(phrase)} " in f" {' '.join(asked)} ":
            return undecided("a loop of words that the request has itself")
        return invalid(
            "a loop", f"{len(phrase)} word{'s' * (len(phrase) > 1)} {times} times in a row, {ratio:.0%} of the text"
        )


def prose(text: str) -> Iterator[str]:
    """The text without code; of JSON each string that is in it, because lists may well say the same often."""
    value = parsed_any(text.encode())
    if isinstance(value, dict | list):
        yield from _strings(value)
    else:
        yield CODE.sub(" ", text)


def longest_loop(words: list[str]) -> tuple[int, int, int]:
    """Where the longest loop starts, how many words its phrase has, and how often it comes in a row."""
    best = (0, 0, 0)
    for period in range(1, min(LONGEST_PHRASE, len(words) // 2) + 1):
        same = bytes(map(eq, words[period:], words))  # 1 where a word is the one a period before it
        run = max(same.split(b"\0"), key=len)
        times = len(run) // period + 1
        if times > 1 and period * times > best[1] * best[2]:
            best = (same.index(run), period, times)
    return best


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)
