"""The head of a page and the lines of its keys."""

import pytest

from llmops.errors import BadInput
from llmops.playbooks.head import headed

PAGE = "---\ntitle: a\ninputs:\n  owner: {from: set}\n  'title': x\n---\nbody\nmore\n"


def test_head_and_body_are_parted() -> None:
    found = headed(PAGE, "x")
    assert found.head == {"title": "a", "inputs": {"owner": {"from": "set"}, "title": "x"}}
    assert (found.body, found.body_line) == ("body\nmore\n", 7)


@pytest.mark.parametrize("text", ["body\n", "", "--- a\nb\n---\n", "---\na: 1\n", "\n---\na: 1\n---\n"])
def test_a_page_without_a_head_is_all_body(text: str) -> None:
    found = headed(text, "x")
    assert (found.head, found.body, found.body_line) == ({}, text, 1)


@pytest.mark.parametrize(
    ("keys", "line"),
    [(("title",), 2), (("inputs",), 3), (("inputs", "title"), 5), (("inputs", "gone"), 3), (("x",), 2)],
)
def test_a_key_is_found_in_its_line(keys: tuple[str, ...], line: int) -> None:
    assert headed(PAGE, "x").line_of(*keys) == line


def test_a_mark_at_the_beginning_of_a_file_is_no_text() -> None:
    assert headed(f"\ufeff{PAGE}", "x").head["title"] == "a"


@pytest.mark.parametrize("head", ["a: [", "- a", "last: 2026-13-45", "a: " + "[" * 5000])
def test_a_head_that_is_no_mapping_of_yaml_is_refused(head: str) -> None:
    with pytest.raises(BadInput, match="x"):
        headed(f"---\n{head}\n---\n", "x")
