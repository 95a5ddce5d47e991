"""A page for a terminal."""

from llmops.playbooks.plain import plain_page

PAGE = (
    "---\ntitle: x\nkind: runbook\nowner: ann\n---\n# Head\n\nSome *words* with `code` "
    + "and more " * 20
    + "\n\n- one\n- two\n\n```sh\nllmops x\n```\n"
)


def test_it_has_words_and_no_marks_in_eighty_columns() -> None:
    text = plain_page(PAGE)
    assert "Some words with code" in text
    assert "llmops x" in text
    assert "kind: runbook · owner: ann" in text
    assert not set(text) & set("*`#\x1b")
    assert max(map(len, text.splitlines())) <= 80


def test_a_link_is_no_sequence_for_a_terminal() -> None:
    text = plain_page("[click](https://example.org)\n")
    assert "\x1b" not in text
    assert "https://example.org" in text
