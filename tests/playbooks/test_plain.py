"""A page for a terminal."""

from llmops.playbooks.lint.shell import simple_commands
from llmops.playbooks.plain import folded_command, plain_page

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


def test_no_cell_of_a_table_is_cut() -> None:
    cells = [f"value-{n}-{'x' * 20}" for n in range(6)]
    text = plain_page(f"| {' | '.join('abcdef')} |\n{'| --- ' * 6}|\n| {' | '.join(cells)} |\n")
    assert "…" not in text
    assert text.count("x") == 120


def test_a_long_command_goes_on_after_a_backslash() -> None:
    command = "llmops load http://127.0.0.1:4000/v1 --model gpt-4o --rate 1 --duration 30 --format json --out now.json"
    folded = folded_command(command)
    assert [len(line) <= 70 for line in folded.splitlines()] == [True, True]
    assert [*simple_commands(folded.replace("\\\n", ""))] == [*simple_commands(command)]
    shown = plain_page(f"1. text\n\n   ```sh\n   {command}\n   ```\n")
    assert "\\\n" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_command_with_quotations_is_not_broken() -> None:
    command = f"llmops gameday note '{'words ' * 20}'"
    assert folded_command(command) == command
    assert folded_command("llmops bill a.jsonl") == "llmops bill a.jsonl"
