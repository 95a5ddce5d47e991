"""A file of gates."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from llmops.chaos.gates.conditions import Bound, VerdictIs
from llmops.chaos.gates.loader import GateFile, in_words, load_gates
from llmops.errors import BadInput, ExitCode

Load = Callable[[str | bytes], GateFile]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def read(text: str | bytes) -> GateFile:
        Path("g.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_gates(Path("g.yaml"))

    return read


def refused(load: Load, text: str | bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        load(text)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    return caught.value


def test_gates_have_their_lines_and_are_named_by_their_words(load: Load) -> None:
    found = load(
        "max_age: 7 d\ngates:\n- laundered  == 0\n- {expr: ttft_p95_s < 0.6, scope: {model: m}}\n"
        "- {expr: verdict(a) == PASS, name: A}"
    )
    assert found.max_age == timedelta(days=7)
    assert [(gate.name, gate.line) for gate in found.gates] == [
        ("laundered == 0", 3),
        ("ttft_p95_s < 0.6 of model=m", 4),
        ("A", 5),
    ]
    kinds = [type(gate.condition) for gate in found.gates]
    assert kinds == [Bound, Bound, VerdictIs]


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("gates:\n- laundered == 0\n- ttft_p95 < 1", "g.yaml:3: no metric is named 'ttft_p95'", "'ttft_p95_s'"),
        ("gates:\n- expr: ttft_p95_s < 4 usd", "g.yaml:2: ttft_p95_s is in s", "same unit"),
        ("gates:\n- laundered == 0\n- laundered  ==  0", "g.yaml:3: two gates are named 'laundered == 0'", ""),
        ("gates:\n- {expr: laundered == 0, name: a}\n- {expr: hang == 0, name: a}", "two gates are named 'a'", ""),
        ("gates:\n- laundered == 0\n- laundered == 0", "the other is in line 2", ""),
        ("gates:\n- {expr: verdict(a) == PASS, scope: {model: m}}", "g.yaml:2: a verdict has no scope", "scope away"),
        ("gates: [", "g.yaml:", "indentation"),
        ("gates: [x]\ngates: [y]", "'gates' is there twice", ""),
        ("- laundered == 0", "must hold a mapping", ""),
        (b"gates: [\xff\xfe]", "g.yaml is not UTF-8 text", "UTF-8"),
        ("gates: [!!python/name:os.system x]", "no YAML", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_line(load: Load, text: str | bytes, words: str, hint: str) -> None:
    error = refused(load, text)
    assert words in str(error)
    assert hint in error.hint


def test_the_same_words_of_two_scopes_are_two_gates(load: Load) -> None:
    text = "gates:\n- laundered == 0\n- {expr: laundered == 0, scope: {scenario: a}}"
    assert [gate.name for gate in load(text).gates] == ["laundered == 0", "laundered == 0 of scenario=a"]


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        load_gates(tmp_path / "none.yaml")


def test_a_scope_in_words() -> None:
    assert in_words({"model": "gpt-4o", "tenant": "search"}) == "model=gpt-4o tenant=search"
    assert in_words({}) == ""
