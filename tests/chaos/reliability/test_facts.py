import re
import tomllib
from pathlib import Path

import pytest

from llmops.chaos.reliability import facts as module
from llmops.chaos.reliability.facts import FOLDER, facts, finish_kinds
from llmops.chaos.reliability.languages import small_words
from llmops.chaos.reliability.phrases import normal
from llmops.chaos.wire.dialects import DIALECTS

SOURCED = ("finish_reasons", "refusals", "leaks", "error_texts")


@pytest.mark.parametrize(
    ("dialect", "word", "kind"),
    [
        ("openai_chat", "stop", "whole"),
        ("openai_chat", "length", "cut"),
        ("anthropic_messages", "refusal", "withheld"),
        ("gemini", "MALFORMED_FUNCTION_CALL", "broken"),
    ],
)
def test_a_finish_reason_is_of_a_kind(dialect: str, word: str, kind: str) -> None:
    assert finish_kinds(dialect)[word] == kind


@pytest.mark.parametrize("dialect", [name for name, one in DIALECTS.items() if one.shape.finish_words])
def test_the_words_that_faults_say_are_of_the_kinds_they_mean(dialect: str) -> None:
    kinds = {"stop": "whole", "tool_calls": "whole", "length": "cut", "content_filter": "withheld"}
    for meaning, word in DIALECTS[dialect].shape.finish_words.items():
        assert finish_kinds(dialect)[word] == kinds[meaning]


def test_no_word_is_of_two_kinds() -> None:
    for kinds in facts("finish_reasons").values():
        words = [word for entry in kinds.values() for word in entry["words"]]
        assert len(words) == len(set(words))


def entries(tree: dict[str, object]) -> list[dict[str, object]]:
    """The innermost tables of a data file."""
    inner = [value for value in tree.values() if isinstance(value, dict)]
    return [entry for one in inner for entry in entries(one)] if inner else [tree]


@pytest.mark.parametrize("name", SOURCED)
def test_every_entry_says_its_source_and_when_it_was_checked(name: str) -> None:
    for entry in entries(facts(name)):
        assert entry["source"]
        assert entry["checked"]


def test_languages_say_their_sources_at_the_top() -> None:
    head = (FOLDER / "languages.toml").read_text(encoding="utf-8").partition("\n[scripts")[0]
    assert re.search(r"source: Unicode .* checked \d{4}-\d\d-\d\d", head)
    assert re.search(r"source of the words: .*", head)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_data_file_can_be_read(path: Path) -> None:
    assert facts(path.stem) == tomllib.loads(path.read_text(encoding="utf-8"))
    assert path.parent == module.FOLDER


def test_phrases_are_written_as_they_are_compared() -> None:
    phrases = [phrase for entry in facts("refusals").values() for phrase in entry["phrases"]]
    phrases += [phrase for entry in facts("leaks")["obedience"].values() for phrase in entry["words"]]
    assert [phrase for phrase in phrases if phrase != normal(phrase)] == []
    assert len(phrases) == len(set(phrases))


def test_every_language_has_a_script_that_is_known_and_words_where_it_shares_it() -> None:
    data = facts("languages")
    for code, entry in data["languages"].items():
        script = data["scripts"][entry["script"]]
        assert (script.get("language") == code) is ("words" not in entry)
    assert small_words("Latin")["the"] == {"en"}
