"""What GitHub's runner is told."""

from pathlib import Path

import pytest

from llmops.chaos.gates.github import MOST_SUMMARY_BYTES, add_summary, annotations
from llmops.chaos.gates.rows import Row

RUNNER = {"GITHUB_ACTIONS": "true"}
FAILED = Row("gate", "ttft_p95_s < 0.6", "FAIL", "0.9 s: below 60 % does not hold", "load.json", "model=a,b", 4)
WARNED = Row("gate", "few hangs", "WARN", "3 of 80", "run.json", "", 6)
PASSED = Row("gate", "laundered == 0", "PASS", "0 of 80", "run.json", "", 3)
GONE = Row("result", "gone.json", "INVALID", "gone.json is missing", "gone.json")


def test_what_is_bad_stands_at_its_line_and_what_passes_is_silent() -> None:
    assert list(annotations([FAILED, WARNED, PASSED, GONE], "ci/g.yaml", RUNNER)) == [
        "::error file=ci/g.yaml,line=4,title=FAIL%3A ttft_p95_s < 0.6 [model=a%2Cb]::0.9 s: below 60 %25 does not hold",
        "::error title=INVALID%3A gone.json::gone.json is missing",
        "::warning file=ci/g.yaml,line=6,title=WARN%3A few hangs::3 of 80",
    ]


def test_elsewhere_nothing_is_said() -> None:
    assert not list(annotations([FAILED], "g.yaml", {}))
    assert not list(annotations([FAILED], "g.yaml", {"GITHUB_ACTIONS": "false"}))


def test_a_file_is_named_from_the_top_of_the_repository(tmp_path: Path) -> None:
    environment = {**RUNNER, "GITHUB_WORKSPACE": str(tmp_path)}
    (inside,) = annotations([FAILED], str(tmp_path / "ci" / "g.yaml"), environment)
    assert inside.startswith("::error file=ci/g.yaml,line=4,")
    (outside,) = annotations([FAILED], "/elsewhere/g.yaml", environment)
    assert outside.startswith("::error file=/elsewhere/g.yaml,line=4,")


def test_no_more_than_github_shows_and_the_rest_is_counted() -> None:
    assert len(list(annotations([FAILED] * 10, "g.yaml", RUNNER))) == 10
    told = list(annotations([FAILED] * 12, "g.yaml", RUNNER))
    assert len(told) == 10
    assert told[-1] == "::error title=llmops gate::and 3 more, in the step's summary"


def test_no_word_of_a_result_is_a_command() -> None:
    evil = Row("gate", "g", "FAIL", "x\n::add-mask::y\r##[add-matcher]z", "r.json", "a::b")
    (told,) = annotations([evil], "g.yaml", RUNNER)
    assert told.count("::") == 2
    assert "\n" not in told
    assert "##[" not in told


def test_the_summary_is_added_to_what_is_there(tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n", encoding="utf-8")
    assert add_summary("# Gates\n", {"GITHUB_STEP_SUMMARY": str(page)}) == ""
    assert page.read_text(encoding="utf-8") == "before\n# Gates\n"


def test_without_a_page_there_is_no_summary() -> None:
    assert add_summary("# Gates\n", {}) == ""


def test_a_page_that_cannot_be_written_is_told_and_changes_no_verdict(tmp_path: Path) -> None:
    problem = add_summary("# Gates\n", {"GITHUB_STEP_SUMMARY": str(tmp_path / "none" / "summary.md")})
    assert problem == "the step's summary could not be written: No such file or directory"


@pytest.mark.parametrize("line", ["x" * 99 + "\n", "é" * 99 + "\n"])
def test_a_summary_that_is_too_long_is_cut_at_a_line(tmp_path: Path, line: str) -> None:
    page = tmp_path / "summary.md"
    add_summary(line * 20_000, {"GITHUB_STEP_SUMMARY": str(page)})
    text = page.read_text(encoding="utf-8")
    assert MOST_SUMMARY_BYTES - 200 < len(text.encode()) < 1_048_576
    assert text.endswith(f"{line}\nThe rest is too long for a summary.\n")
