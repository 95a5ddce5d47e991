"""Markdown in its parts."""

from llmops.playbooks.markdown import reader, tokens


def test_each_part_has_the_line_of_its_block() -> None:
    found = {(token.type, token.content, line) for token, line in tokens("# A\n\ntext `code`\n\n```\nx\n```\n")}
    assert {("text", "A", 1), ("code_inline", "code", 3), ("fence", "x\n", 5)} <= found


def test_tables_are_read_and_html_is_text() -> None:
    assert "<table>" in reader().render("| a |\n| --- |\n| b |\n")
    assert "<b>" not in reader().render("<b>x</b>\n\n<script>alert(1)</script>\n")
