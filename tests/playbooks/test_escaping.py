"""Nothing from outside is obeyed by Markdown, by HTML, or by sites that make links by themselves."""

import pytest
from markdown_it import MarkdownIt

from llmops.playbooks.escaping import escaped, one_line, quoted_yaml

PLAIN = {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
IN_A_TABLE = {"table_open", "thead_open", "tr_open", "th_open", "th_close", "tr_close", "thead_close", "table_close"}
IN_A_LIST = {"bullet_list_open", "list_item_open", "list_item_close", "bullet_list_close"}


def types_of(text: str) -> set[str]:
    """Read with HTML allowed, so that it would show."""
    blocks = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(text)
    return {token.type for block in blocks for token in (block, *(block.children or []))}


@pytest.mark.parametrize(
    ("page", "more"),
    [
        ("{}", set()),
        ("before {} after", set()),
        ("before\n{}", {"softbreak"}),
        ("{}{}", set()),
        ("- {}", IN_A_LIST),
        ("| {} |\n| --- |", IN_A_TABLE),
    ],
    ids=["alone", "in a line", "below a line", "twice", "in a list", "in a cell"],
)
def test_a_hostile_text_is_text_wherever_it_stands(hostile: str, page: str, more: set[str]) -> None:
    found = types_of(page.replace("{}", escaped(hostile)))
    assert found <= PLAIN | more


@pytest.mark.parametrize(("page", "kind"), [("`{}`", "code_inline"), ("```\n{}\n```\n", "fence")])
def test_a_hostile_text_ends_no_code(hostile: str, page: str, kind: str) -> None:
    found = types_of(page.replace("{}", escaped(hostile)))
    assert kind in found
    assert found <= PLAIN | {kind}


def test_what_is_escaped_is_read_as_it_was(hostile: str) -> None:
    (paragraph, *_) = [t for t in MarkdownIt("commonmark").parse(escaped(hostile)) if t.type == "inline"]
    shown = "".join(child.content for child in paragraph.children or [])
    assert shown.replace("\u2060", "") == one_line(hostile)


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("https://evil.example", "https:\u2060//evil.example"),
        ("www.evil.example", "www\u2060.evil.example"),
        ("a@evil.example", "a@\u2060evil.example"),
        ("see #12", "see #\u206012"),
    ],
)
def test_sites_find_no_address_mention_or_issue_in_it(text: str, parted: str) -> None:
    assert escaped(text) == parted


def test_an_everyday_text_stays_readable() -> None:
    assert escaped("-0.12 USD") == "-0.12 USD"
    text = "time_to_detect_s is 98.2 % (95 %: 96.1 % to 99.3 %), in run-1.json: it's 1.5 s; a/b = c + d - e"
    assert escaped(text) == text


def test_control_characters_are_shown_and_not_sent() -> None:
    assert one_line("a\x1b[31m\u202eb\nc") == "a\\x1b[31m\\u202eb c"


def test_a_value_of_the_head_is_one_line_of_yaml(hostile: str) -> None:
    import yaml

    assert yaml.safe_load(f"owner: {quoted_yaml(hostile)}\nlast: 1") == {"owner": one_line(hostile), "last": 1}
