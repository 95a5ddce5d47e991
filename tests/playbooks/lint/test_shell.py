"""Lines of a shell in their commands."""

import pytest

from llmops.playbooks.lint.shell import simple_commands, without_comment


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("llmops bill a.jsonl", [("llmops", "bill", "a.jsonl")]),
        ("llmops bill 'a b' \"c d\"", [("llmops", "bill", "a b", "c d")]),
        ("A=1 B=2 sudo llmops load x", [("llmops", "load", "x")]),
        ("llmops a && llmops b; llmops c | jq .", [("llmops", "a"), ("llmops", "b"), ("llmops", "c"), ("jq", ".")]),
        ("x=$(llmops a b)", [("llmops", "a", "b")]),
        ("llmops a # don't", [("llmops", "a")]),
        ("llmops a --x 'b # c'", [("llmops", "a", "--x", "b # c")]),
        ("llmops a b#c", [("llmops", "a", "b#c")]),
        ("llmops a <(llmops b c) > out", [("llmops", "a"), ("llmops", "b", "c")]),
        ("llmops a >&2", [("llmops", "a")]),
        ("# only words", []),
        ("", []),
    ],
)
def test_a_line_has_these_commands(line: str, expected: list[tuple[str, ...]]) -> None:
    assert [each.words for each in simple_commands(line) if each.words] == expected


def test_where_output_goes_is_no_argument() -> None:
    (found,) = simple_commands("llmops a b > out.json 2> err.txt < in.txt")
    assert (found.words, found.writes) == (("llmops", "a", "b"), ("out.json", "err.txt"))


def test_a_quotation_without_an_end_is_no_line() -> None:
    with pytest.raises(ValueError, match="quotation"):
        [*simple_commands("llmops a 'b")]


def test_a_comment_begins_outside_of_quotations() -> None:
    assert without_comment("a '#' # b '") == "a '#' "
