"""`llmops chaos run` on Chaos Toolkit's files: verdict, exit code, journals; and what it refuses first."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import llmops.report
from llmops.chaos.cli.toolkit_run import is_theirs

Llmops = Callable[..., Any]
THEIRS = """\
title: A file
description: d
configuration: {word: fine}
secrets: {api: {token: {type: env, key: THE_TOKEN}}}
steady-state-hypothesis:
  title: h
  probes:
    - type: probe
      name: says
      tolerance: {type: regex, target: stdout, pattern: "^${word}"}
      provider: {type: process, path: echo, arguments: ["${word}", "${token}"]}
method:
  - {type: action, name: do, provider: {type: process, path: "true"}}
  - {type: probe, name: look, tolerance: 0, provider: {type: process, path: "true"}}
rollbacks:
  - {type: action, name: undo, provider: {type: process, path: touch, arguments: [undone]}}
"""
SCHEMA = Path(llmops.report.__file__).with_name("report.schema.json")
SECRET = "hunter22-of-the-run"  # noqa: S105 - of this test


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    monkeypatch.setenv("THE_TOKEN", SECRET)

    def write(*changes: tuple[str, str], name: str = "file.yaml") -> Path:
        text = THEIRS
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    ("changes", "word", "code", "status", "deviated"),
    [
        ([], "PASS", 0, "completed", False),
        ([("tolerance: 0", "tolerance: 1")], "FAIL", 1, "completed", True),
        ([('name: do, provider: {type: process, path: "true"', 'name: do, provider: {type: process, path: "false"')],
         "INVALID", 3, "failed", False),
    ],
)  # fmt: skip
def test_it_is_judged_and_its_journals_are_written(
    llmops: Llmops, file: Any, tmp_path: Path, changes: Any, word: str, code: int, status: str, deviated: bool
) -> None:
    ran = llmops("chaos", "run", file(*changes), "--format", "json", "--out", "run")
    result = json.loads(ran.out)
    assert (ran.code, result["verdict"]["word"]) == (code, word), ran.err
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert not list(Draft202012Validator(schema).iter_errors(result))
    folder = tmp_path / "run"
    assert sorted(path.name for path in folder.iterdir()) == [
        "journal.json",
        "journal.jsonl",
        "report.html",
        "result.json",
    ]
    journal = json.loads((folder / "journal.json").read_text(encoding="utf-8"))
    assert (journal["status"], journal["deviated"], journal["llmops"]["verdict"]) == (status, deviated, word)
    assert (tmp_path / "undone").exists()
    for path in folder.iterdir():
        assert SECRET not in path.read_text(encoding="utf-8"), path.name
    assert SECRET not in ran.out + ran.err


def test_several_are_played_one_after_another_each_with_its_folder(llmops: Llmops, file: Any, tmp_path: Path) -> None:
    one, two = file(name="one.yaml"), file(("tolerance: 0", "tolerance: 1"), name="two.yaml")
    ran = llmops("chaos", "run", one, two, "--format", "json", "--out", "run")
    assert ran.code == 1
    assert [each["verdict"] for each in json.loads(ran.out)["scenarios"]] == ["PASS", "FAIL"]
    assert (tmp_path / "run/one/journal.json").exists()
    assert (tmp_path / "run/two/journal.json").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([("name: do,", "name: do, dry: true,")], "file.yaml:13: method.0.dry cannot be carried over"),
        (
            [('path: "true"}}\nrollbacks', 'path: "no-such"}}\nrollbacks')],
            "file.yaml:14: method.1.provider: there is no program",
        ),
        ([("rollbacks:", "controls: []\nrollbacks:")], "file.yaml:15: controls cannot be carried over"),
        ([("THE_TOKEN", "SURELY_UNSET")], "file.yaml:4: the environment has no SURELY_UNSET"),
        ([('"^${word}"', '"^${wrod}"')], "names ${wrod}"),
    ],
)
def test_what_cannot_be_carried_over_is_refused_with_its_line_before_anything_is_done(
    llmops: Llmops, file: Any, tmp_path: Path, changes: Any, words: str
) -> None:
    ran = llmops("chaos", "run", file(*changes))
    assert (ran.code, ran.out) == (2, "")
    assert words in " ".join(ran.err.split())
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "option",
    [["--target", "http://h"], ["--header", "a: b"], ["--system", "litellm"], ["--speed", "2"], ["--seed", "0"],
     ["--repetitions", "2"], ["--parallel", "2"], ["--lease", "20"]],
)  # fmt: skip
def test_an_option_that_is_not_for_them_is_refused(llmops: Llmops, file: Any, option: list[str]) -> None:
    ran = llmops("chaos", "run", file(), *option)
    assert ran.code == 2
    assert f"{option[0]} is not for Chaos Toolkit experiments" in ran.err


def test_the_two_kinds_are_not_mixed_and_names_are_told_apart(llmops: Llmops, file: Any) -> None:
    path = file()
    assert "provider-down is no Chaos Toolkit experiment" in llmops("chaos", "run", path, "provider-down").err
    assert "one name" in llmops("chaos", "run", path, path).err


def test_theirs_are_told_by_what_is_in_them(file: Any, tmp_path: Path) -> None:
    assert is_theirs(str(file()))
    (tmp_path / "ours.yaml").write_text("schema_version: 1\n", encoding="utf-8")
    assert not is_theirs(str(tmp_path / "ours.yaml"))
    assert not is_theirs("provider-down")


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_run_that_is_interrupted_rolls_back_and_says_so(file: Any, tmp_path: Path, name: str, code: int) -> None:
    program = "import time; open('began', 'w').close(); time.sleep(60)"
    wait = f'name: do, provider: {{type: process, path: "{sys.executable}", arguments: ["-c", "{program}"]'
    path = file(('name: do, provider: {type: process, path: "true"', wait))
    process = subprocess.Popen(
        [sys.executable, "-m", "llmops", "chaos", "run", str(path), "--out", "run"],
        cwd=tmp_path, env=dict(os.environ), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    limit = time.monotonic() + 30
    while not (tmp_path / "began").exists():
        assert time.monotonic() < limit
        time.sleep(0.02)
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "interrupted: rollbacks were played" in err
    assert (tmp_path / "undone").exists()
    journal = json.loads((tmp_path / "run/journal.json").read_text(encoding="utf-8"))
    assert (journal["status"], journal["llmops"]["verdict"]) == ("interrupted", "INVALID")
