from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.experiments.loader import load_experiment, parse
from llmops.errors import BadInput

Write = Callable[..., Path]


def refused(path: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        load_experiment(path)
    return caught.value


def test_an_experiment_is_read_with_the_line_of_each_of_its_parts(experiment_file: Write) -> None:
    path = experiment_file()
    experiment, source = load_experiment(path)
    assert experiment.providers["backup"].simulate == "openai"
    assert source.at("phases", 0, "faults", 0, "fault") == f"{path}:18"
    assert source.at("system", "ready", "path") == f"{path}:7"


def test_a_part_that_is_not_written_has_the_line_of_what_is_around_it(experiment_file: Write) -> None:
    path = experiment_file()
    _, source = load_experiment(path)
    assert source.at("phases", 0, "faults", 0, "scope", "models") == f"{path}:17"
    assert source.at("abort") == f"{path}:1"


@pytest.mark.parametrize(
    ("old", "new", "line", "words", "hint"),
    [
        ("seed: 7", "sed: 7", 3, "unknown key 'sed'", "did you mean 'seed'?"),
        (
            "fault: unavailable",
            "falt: unavailable",
            18,
            "unknown key 'phases.0.faults.0.falt'",
            "did you mean 'fault'?",
        ),
        ("model: gpt-4o, ", "", 11, "load has no 'model'", "it is required"),
        ("requests: 40\n    faults", "faults", 14, "phases.0: say either requests or duration_s", ""),
        ("requests_per_second: 100", "requests_per_second: yes", 11, "load.requests_per_second", ""),
        ("requests_per_second: 100", "requests_per_second: 0", 11, "greater than 0", "found: 0"),
        ("requests_per_second: 100", "requests_per_second: .inf", 11, "load.requests_per_second", ""),
        ("  - functional_success: {at_least: 0.9}", "  - 3", 21, "an expectation is the name of a check", ""),
        ("seed: 7", "seed: 7\nseed: 8", 4, "'seed' is there twice", "take one away"),
        ("seed: 7", "seed: 7\n3: x", 4, "the key 3 is no text", "quote it"),
        ("seed: 7", "seed: [7", 4, "this is no YAML", ""),
        ("seed: 7", "seed: !!python/name:os.system 7", 3, "this is no YAML", ""),
        (
            "name: tiny",
            "name: other",
            2,
            "the experiment is named 'other' and its file 'tiny.yaml'",
            "let them be equal",
        ),
        ("base_path: /v1", "url: http://127.0.0.1:1/v1", 4, "exactly one of url, command and known", ""),
        ("primary: {simulate: openai", "primary: {upstream: 'http://x', simulate: openai", 9, "either simulated", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    experiment_file: Write, *, old: str, new: str, line: int, words: str, hint: str
) -> None:
    path = experiment_file((old, new))
    error = refused(path)
    assert str(error).startswith(f"{path}:{line}: ")
    assert words in str(error)
    assert hint in error.hint


def test_a_secret_is_not_told_where_its_place_is_wrong(experiment_file: Write) -> None:
    error = refused(experiment_file(("  base_path: /v1", "  base_path: /v1\n  env: {KEY: 123456}")))
    assert "env.KEY" in str(error)
    assert "123456" not in f"{error} {error.hint}"


@pytest.mark.parametrize("text", ["", "- a\n", "words\n"])
def test_a_file_that_holds_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    assert str(path) in str(refused(path)) or not text


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    assert "No such file" in str(refused(tmp_path / "x.yaml"))
    (tmp_path / "y.yaml").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in str(refused(tmp_path / "y.yaml"))


@pytest.mark.parametrize("value", ["2026-02-30", "2026-01-01T25:00:00", "!!int twelve", "!!bool maybe"])
def test_a_value_that_cannot_be_is_told_with_its_line(value: str) -> None:
    with pytest.raises(BadInput, match=r"^gates\.yaml:2: this is no YAML: .* cannot be: "):
        parse(f"gates:\n  - until: {value}\n", "gates.yaml")


def test_anchors_and_merges_are_understood() -> None:
    data, source = parse("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", "f")
    assert data == {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}}
    assert source.at("b", "q") == "f:4"
    assert source.at("b", "p") == "f:1"


def test_aliases_without_end_are_refused() -> None:
    with pytest.raises(BadInput, match="f:1: aliases without end"):
        parse("a: &x [*x]\n", "f")
    laughs = "a0: &a0 [l,l,l,l,l,l,l,l,l]\n" + "".join(
        f"a{n}: &a{n} [{','.join(9 * [f'*a{n - 1}'])}]\n" for n in range(1, 9)
    )
    with pytest.raises(BadInput, match="aliases without end"):
        parse(laughs, "f")
