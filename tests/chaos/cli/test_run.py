"""The command: what it refuses before anything starts, and one whole run of it."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import llmops.report
from llmops.chaos.experiments import known

Llmops = Callable[..., Any]
RELAY = Path(__file__).parents[1] / "experiments" / "relay.py"
EXPERIMENT = f"""\
schema_version: 1
name: passed-on
system:
  command: ["{sys.executable}", "-I", "-S", "{RELAY}", "{{port}}", "127.0.0.1", "{{primary.port}}"]
  base_path: /v1
providers:
  primary: {{simulate: openai, models: [gpt-4o]}}
load: {{requests_per_second: 100, model: gpt-4o, deadline_s: 5}}
baseline: {{requests: 10}}
phases:
  - name: broken
    requests: 40
    faults: [{{provider: primary, fault: unavailable}}]
recovery: {{requests: 10}}
expectations: [honest_error]
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    (tmp_path / "passed-on.yaml").write_text(EXPERIMENT, encoding="utf-8")
    return tmp_path / "passed-on.yaml"


def test_a_run_is_judged_and_its_folder_has_journals_result_and_report(llmops: Llmops, experiment: Path) -> None:
    ran = llmops("chaos", "run", experiment, "--format", "json", "--out", "run")
    report = json.loads(ran.out)
    assert ran.code == 0, report["verdict"]
    scenario = report["scenarios"][0]
    assert (scenario["name"], scenario["verdict"]) == ("passed-on", "PASS")
    assert scenario["outcomes"] == {"clean_error": 40}
    assert scenario["receipts"] == {"expected": 40, "fired": 40, "on_user_requests": 40}
    folder = experiment.parent / "run"
    assert sorted(path.name for path in folder.iterdir()) == [
        "journal.json", "journal.jsonl", "proxy.jsonl", "report.html", "result.json",
    ]  # fmt: skip
    page = (Path(__file__).parents[3] / "docs" / "experiments.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([\w.]+)` \|", page.partition("## What a run leaves")[2], re.MULTILINE)
    assert sorted({*told} - {"proxy.log"}) == sorted(
        path.name for path in folder.iterdir()
    )  # the proxy had no word to say
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert json.loads((folder / "result.json").read_text(encoding="utf-8")) == report
    schema = json.loads(Path(llmops_file("report.schema.json")).read_text(encoding="utf-8"))
    assert not list(Draft202012Validator(schema).iter_errors(report))
    for name in ("journal.jsonl", "proxy.jsonl"):
        lines = [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
        assert {"schema_version", "kind", "at"} <= set.intersection(*map(set, lines))
    assert ran.err == ""  # progress is for terminals


def llmops_file(name: str) -> Path:
    return Path(llmops.report.__file__).with_name(name)


def test_a_system_that_ends_is_invalid_with_exit_code_3(llmops: Llmops, experiment: Path) -> None:
    experiment.write_text(EXPERIMENT.replace('"-I"', '"-c", "raise SystemExit(5)"'), encoding="utf-8")
    ran = llmops("chaos", "run", experiment)
    assert ran.code == 3
    assert "INVALID" in ran.out
    assert "ended with exit code 5 before it was ready" in " ".join(ran.out.split())
    assert len(list((experiment.parent / "runs").iterdir())) == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("unavailable", "unavailble", "passed-on.yaml:13: no fault is named 'unavailble'"),
        ("honest_error", "honest_eror", "passed-on.yaml:15: no check is named 'honest_eror'"),
        ("honest_error", "failover_cost: {phases: [none]}", "passed-on.yaml:15: failover_cost"),
        ("load: {", "laod: {", "passed-on.yaml:8: unknown key 'laod'"),
        ("requests: 40", "requests: 3", "passed-on.yaml:15: honest_error: on 3 requests it can never pass"),
        ("name: passed-on", "name: other", "passed-on.yaml:2:"),
    ],
)
def test_bad_input_is_refused_with_its_line_before_anything_starts(
    llmops: Llmops, experiment: Path, old: str, new: str, words: str
) -> None:
    experiment.write_text(EXPERIMENT.replace(old, new), encoding="utf-8")
    ran = llmops("chaos", "run", experiment)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert not (experiment.parent / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "gateway"], "'gateway' is not an http"),
        (["--target", "http://h/v1", "--system", "gateway"], "--target and --system name two systems"),
        (["--header", "a: b"], "--header is for a --target"),
        (["--target", "http://h/v1", "--header", "ab"], "'ab' is no header"),
        (["--target", "http://h/v1", "--header", "a: {env.SURELY_UNSET}"], "the environment has no SURELY_UNSET"),
        (["--system", "litelm"], "no system is known as 'litelm'"),
        (["--speed", "0"], "a speed of 0"),
        (["--format", "pdf"], "no format is named 'pdf'"),
    ],
)
def test_options_that_cannot_be_are_refused(llmops: Llmops, experiment: Path, arguments: list[str], words: str) -> None:
    ran = llmops("chaos", "run", experiment, *arguments)
    assert ran.code == 2
    assert words in ran.err


def test_an_experiment_named_twice_or_nowhere_is_refused(llmops: Llmops, experiment: Path) -> None:
    assert "passed-on is named twice" in llmops("chaos", "run", experiment, experiment).err
    assert "no scenario is named 'no-such'" in llmops("chaos", "run", "no-such").err


def test_a_known_system_that_is_not_installed_is_told(
    llmops: Llmops, experiment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMOPS_SYSTEMS", str(tmp_path / "none"))
    assert not known.is_installed("litellm")
    ran = llmops("chaos", "run", experiment, "--system", "litellm")
    assert ran.code == 4
    assert "is not installed" in ran.err
    assert "install.py litellm" in ran.err


@pytest.mark.parametrize("command", ["no-such-gateway", "./no-such-gateway", "{folder}/no-such-gateway"])
def test_a_missing_program_is_told_with_its_line_before_anything_starts(
    llmops: Llmops, experiment: Path, command: str
) -> None:
    """As of any missing tool, and unlike a system that starts and does not answer: that is INVALID, 3."""
    experiment.write_text(EXPERIMENT.replace(f'"{sys.executable}"', f'"{command}"'), encoding="utf-8")
    ran = llmops("chaos", "run", experiment)
    assert (ran.code, ran.out) == (4, "")
    assert "passed-on.yaml:4: there is no program " in ran.err
    assert "hint:  install it, or give its path" in ran.err
    assert not (experiment.parent / "runs").exists()


def test_a_target_is_told_where_its_providers_are(llmops: Llmops, experiment: Path) -> None:
    experiment.write_text(EXPERIMENT.replace("openai, models", "openai, port: 9533, models"), encoding="utf-8")
    ran = llmops("chaos", "run", experiment, "--target", "http://127.0.0.1:9/v1")
    assert "passed-on: primary of the target must be http://127.0.0.1:9533/v1" in ran.err
    assert ran.code == 3  # nobody answers there
    assert "nothing listens at the system's URL" in " ".join(ran.out.replace("│", " ").split())


def test_a_target_is_told_which_base_url_the_proxy_takes_the_place_of(llmops: Llmops, experiment: Path) -> None:
    real = EXPERIMENT.replace("simulate: openai, models", "upstream: 'http://127.0.0.1:9', port: 9534, models")
    experiment.write_text(real, encoding="utf-8")
    ran = llmops("chaos", "run", experiment, "--target", "http://127.0.0.1:9/v1")
    assert "primary of the target must be http://127.0.0.1:9534, in place of http://127.0.0.1:9\n" in ran.err


def test_a_folder_that_holds_a_run_is_not_written_into(llmops: Llmops, experiment: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "proxy.jsonl").write_text("", encoding="utf-8")
    ran = llmops("chaos", "run", experiment, "--out", "run")
    assert (ran.code, "run holds a run already" in ran.err) == (2, True)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["proxy.jsonl"]


def test_a_folder_that_cannot_be_made_is_told_without_a_traceback(llmops: Llmops, experiment: Path) -> None:
    ran = llmops("chaos", "run", experiment, "--out", experiment)
    assert ran.code == 4
    assert "File exists" in ran.err
