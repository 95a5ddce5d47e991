"""What a result says, in a sentence of ours."""

import pytest

from llmops.chaos.gates.quoting import LONGEST, quoted


@pytest.mark.parametrize(
    ("said", "quote"),
    [
        ("all is well", "all is well"),
        ("a\n::error::b", "a : :error: :b"),
        ("##[add-matcher]x", "## [add-matcher]x"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("tab\tand  spaces", "tab and spaces"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_it_stands_on_one_line_and_nothing_in_it_is_obeyed(said: str, quote: str) -> None:
    assert quoted(said) == quote


def test_what_is_longer_than_a_sentence_is_cut_and_shows_it() -> None:
    assert quoted("x" * LONGEST) == "x" * LONGEST
    assert quoted("x" * (LONGEST + 1)) == "x" * (LONGEST - 1) + "…"
