from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Llmops = Callable[..., Any]


def test_a_first_experiment_is_written_and_is_never_overwritten(llmops: Llmops, tmp_path: Path) -> None:
    made = llmops("chaos", "init", "--base-url", "http://127.0.0.1:4000/v1")
    assert made.code == 0
    assert "first-failover.yaml is written" in made.out
    text = (tmp_path / "first-failover.yaml").read_text(encoding="utf-8")
    assert "url: http://127.0.0.1:4000/v1" in text
    again = llmops("chaos", "init", "--base-url", "http://127.0.0.1:5000/v1")
    assert (again.code, "first-failover.yaml is there already" in again.err) == (2, True)
    assert (tmp_path / "first-failover.yaml").read_text(encoding="utf-8") == text


def test_it_is_named_as_its_file(llmops: Llmops, tmp_path: Path) -> None:
    assert llmops("chaos", "init", "--base-url", "http://h/v1", "--model", "m-1", "--out", "mine.yaml").code == 0
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    assert "name: mine #" in text
    assert "model: m-1 " in text


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["--base-url", "gateway:4000"], "--base-url: 'gateway:4000' is not an http or https URL", "127.0.0.1:4000/v1"),
        (["--base-url", "http://u:p@h/v1"], "--base-url: ", "without a key"),
        (["--base-url", "http://h/v1", "--model", " "], "--model names no model", "such as gpt-4o"),
        (["--base-url", "http://h/v1", "--out", "Not Kebab.yaml"], "--out Not Kebab.yaml cannot be", "small letters"),
        (["--base-url", "http://h/v1", "--out", "first"], "--out first cannot be", "such as first-failover.yaml"),
    ],
)
def test_what_could_not_run_is_not_written_and_is_told_in_the_words_of_the_command(
    llmops: Llmops, tmp_path: Path, arguments: list[str], error: str, hint: str
) -> None:
    refused = llmops("chaos", "init", *arguments)
    assert refused.code == 2
    assert f"error: {error}" in refused.err
    assert hint in refused.err.partition("hint:")[2]
    assert ".yaml:" not in refused.err  # no line of a file that the user did not write
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told(llmops: Llmops) -> None:
    refused = llmops("chaos", "init", "--base-url", "http://h/v1", "--out", "no/such/mine.yaml")
    assert (refused.code, "cannot write no/such/mine.yaml" in refused.err) == (2, True)
