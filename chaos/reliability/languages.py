"""Which language a text is in: by its script, and among those of one script by their small words."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from llmops.chaos.reliability.facts import facts

MARKS = r"\u0300-\u036f\u064b-\u0652\u0670\u0900-\u0903\u093a-\u094f"  # that belong to the letter before them
WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{MARKS}])*")
NO_WORDS = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\w+://\S+|\[llmops:\S+\]|\S+@\S+", re.DOTALL)
JAPANESE_KANA_RATIO = 0.1  # of its letters: Chinese has none, Japanese hardly ever less
MAIN_RATIO = 0.5  # of the letters are of the script that the text is in
EVIDENCE = 2.5  # small words, each a share of one where languages share it
LEAD = 2  # times as many small words that only it has, as the next language has of its own
WORD_RATIO = 0.2  # of all words are small ones of the language


@dataclass(frozen=True)
class Told:
    """The main script of a text, the language where it was told, and how its letters are spread over scripts."""

    script: str | None
    language: str | None
    letters: Mapping[str, int]

    @property
    def name(self) -> str:
        return self.language or (self.script or "no") + " script"


def tell(text: str) -> Told:
    """None where it cannot be told: too few words, or two languages are as likely."""
    letters = letters_of(NO_WORDS.sub(" ", text))
    total = sum(letters.values())
    script = max(letters, key=lambda name: letters[name], default=None)
    if script in {"Han", "Kana"}:
        kana, both = letters.get("Kana", 0), letters.get("Kana", 0) + letters.get("Han", 0)
        script = "Kana" if kana >= JAPANESE_KANA_RATIO * both else "Han"
        total -= both - letters.get(script, 0)
    if script is None or letters[script] <= MAIN_RATIO * total:
        return Told(None, None, letters)
    language = language_of_script(script) or _by_words(script, text)
    return Told(script, language, letters)


def letters_of(text: str) -> dict[str, int]:
    """How many letters of each script are in the text."""
    counts: Counter[str] = Counter()
    for letter, count in Counter(text).items():
        if letter.isalpha() and (script := script_of(letter)):
            counts[script] += count
    return dict(counts)


@cache
def script_of(letter: str) -> str | None:
    """The script of a letter; None for one of a script that is not in the data."""
    starts, ends = _ranges()
    at = bisect_right(starts, ord(letter)) - 1
    return ends[at][1] if at >= 0 and ord(letter) <= ends[at][0] else None


@cache
def _ranges() -> tuple[list[int], list[tuple[int, str]]]:
    found = sorted(
        (int(low, 16), int(high, 16), name)
        for name, entry in facts("languages")["scripts"].items()
        for low, high in entry["ranges"]
    )
    return [low for low, _, _ in found], [(high, name) for _, high, name in found]


@cache
def small_words(script: str) -> dict[str, frozenset[str]]:
    """Of each small word the languages of that script that have it."""
    owners: dict[str, set[str]] = {}
    for language, entry in facts("languages")["languages"].items():
        for word in entry.get("words", "").split() if entry["script"] == script else ():
            owners.setdefault(word, set()).add(language)
    return {word: frozenset(languages) for word, languages in owners.items()}


def _by_words(script: str, text: str) -> str | None:
    """The language whose small words they are; what it shares with the next likely one decides nothing between them."""
    owners = small_words(script)
    words = WORD.findall(normalize("NFC", NO_WORDS.sub(" ", text)).casefold())
    said = Counter(word for word in words if word in owners)
    evidence: dict[str, float] = {}
    for word, count in said.items():
        for language in owners[word]:
            evidence[language] = evidence.get(language, 0.0) + count / len(owners[word])
    ranked = sorted(evidence, key=lambda language: -evidence[language])
    if not ranked or evidence[ranked[0]] < EVIDENCE:
        return None
    first, second = (*ranked, "")[:2]
    hits = sum(count for word, count in said.items() if first in owners[word])
    alone = sum(count for word, count in said.items() if first in owners[word] and second not in owners[word])
    against = sum(count for word, count in said.items() if second in owners[word] and first not in owners[word])
    return first if hits >= WORD_RATIO * len(words) and alone >= LEAD * max(1, against) else None


def language_of_script(script: str) -> str | None:
    """The one language that is written in it, if it is one."""
    found: str | None = facts("languages")["scripts"][script].get("language")
    return found


def speaks_of(text: str, language: str | None) -> bool:
    """Whether a text names that language, or speaks of languages and translating at all."""
    said = normalize("NFC", text).casefold()
    names = facts("languages")["languages"].get(language or "", {}).get("names", ())
    return any(word in said for word in (*names, *facts("languages")["translating"]["words"]))
