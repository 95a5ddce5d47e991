import tomllib
from pathlib import Path

import pytest

from llmops.chaos.reliability.languages import letters_of, script_of, speaks_of, tell

SENTENCES: dict[str, str] = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", SENTENCES)
def test_two_sentences_are_enough_to_tell_a_language(language: str) -> None:
    assert tell(SENTENCES[language]).language == language


@pytest.mark.parametrize("text", ["", "hello", "42", "OK!", "São Paulo", "Bern, Zürich, Genève"])
def test_a_few_words_are_not(text: str) -> None:
    assert tell(text).language is None


@pytest.mark.parametrize("other", ["de", "fr", "ru", "th"])
def test_a_text_in_two_languages_is_in_neither_unless_one_has_most_of_it(other: str) -> None:
    assert tell(f"{SENTENCES['en']} {SENTENCES[other]}").language in {None, "en", other}
    assert tell(f"{SENTENCES['en']} {SENTENCES['en']} {SENTENCES['en']} {SENTENCES[other]}").language == "en"


def test_code_addresses_and_markers_are_no_words() -> None:
    code = "```python\nif it is not in the list and you have no other: return\n```"
    assert tell(f"{code} `for` https://example.org/what-is-it-for you@example.org [llmops:the-and-of]").letters == {}


def test_chinese_has_no_kana_and_japanese_has() -> None:
    assert letters_of("東京タワー") == {"Han": 2, "Kana": 3}
    assert (tell("東京都").language, tell("東京タワー").language) == ("zh", "ja")


@pytest.mark.parametrize(
    ("letter", "script"),
    [("a", "Latin"), ("ß", "Latin"), ("ж", "Cyrillic"), ("ก", "Thai"), ("中", "Han"), ("の", "Kana"), ("한", "Hangul")],
)
def test_a_letter_is_of_a_script(letter: str, script: str) -> None:
    assert script_of(letter) == script


def test_a_letter_of_a_script_that_is_not_in_the_data_is_of_none() -> None:
    assert script_of("ᚠ") is None  # runic


def test_a_request_that_speaks_of_languages_is_recognised() -> None:
    assert speaks_of("Say it in German, please.", "de")
    assert speaks_of("Bitte auf DEUTSCH", "de")
    assert speaks_of("Translate this.", "th")
    assert not speaks_of("Who are you?", "de")
