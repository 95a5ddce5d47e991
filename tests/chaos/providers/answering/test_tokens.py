"""The token rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.chaos.providers.answering.tokens import token_count, tokens


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("hello", ["hello"]),
        ("Report 1a2b: done.", ["Report", " 1a2b", ":", " done", "."]),
        ("a  b ", ["a", "  b "]),
        (" ", [" "]),
        ("é日本", ["é日本"]),
    ],
)
def test_words_and_signs_are_one_token_each(text: str, pieces: list[str]) -> None:
    assert tokens(text) == pieces
    assert token_count(text) == len(pieces)


@given(st.text())
def test_the_pieces_join_to_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text
    assert all(tokens(text))
