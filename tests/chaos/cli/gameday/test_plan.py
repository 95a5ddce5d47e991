import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmops.chaos.gameday.loader import load_plan

Llmops = Callable[..., Any]
FAKE_401 = "openrouter-2026-02-17-fake401"
FILE = f"gameday-{FAKE_401}.yaml"


def test_a_plan_is_written_that_can_be_read_and_is_never_overwritten_unasked(llmops: Llmops, tmp_path: Path) -> None:
    made = llmops("gameday", "plan", FAKE_401, "--duration", "5min", "--system", "gateway")
    assert made.code == 0, made.err
    assert f"{FILE} is written" in " ".join(made.out.split())
    plan = load_plan(tmp_path / FILE)
    assert plan.gameday.duration_s in {300, 301}
    assert plan.experiment.system.known == "gateway"
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    again = llmops("gameday", "plan", FAKE_401, "--speed", "60")
    assert (again.code, f"{FILE} is there already" in again.err, "--force" in again.err) == (2, True, True)
    assert (tmp_path / FILE).read_text(encoding="utf-8") == text
    assert llmops("gameday", "plan", FAKE_401, "--speed", "60", "--force").code == 0
    assert load_plan(tmp_path / FILE).gameday.duration_s == 50


def test_the_summary_is_a_report_with_clock_faults_radius_and_load(llmops: Llmops) -> None:
    made = llmops("gameday", "plan", FAKE_401, "--speed", "60", "--system", "gateway", "--format", "json")
    report = json.loads(made.out)
    phases, hypotheses = report["tables"]
    names = [column["name"] for column in phases["columns"]]
    row = dict(zip(names, phases["rows"][2], strict=True))
    assert (row["phase"], row["begins"], row["lasts"]) == ("keys-refused", "0:14", "24 s")  # 6 + 8 s before it
    assert (row["requests"], row["hit_ratio"], row["failed_ratio"]) == (192, 0.85, 0.05)
    assert row["faults"] == "primary: invalid_api_key {probability: 0.85}"
    assert len(hypotheses["rows"]) == 3
    assert any("400 requests" in sentence for sentence in report["summary"])  # 48 + 64 + 192 + 48 + 48
    made = llmops("gameday", "plan", FAKE_401, "--speed", "60", "--system", "gateway", "--format", "md", "--force")
    assert "| keys-refused |" in made.out


def test_a_target_is_told_where_its_providers_must_point(llmops: Llmops, tmp_path: Path) -> None:
    target = ["--target", "http://127.0.0.1:4000/v1", "--header", "authorization: Bearer {env.HOME}"]
    made = llmops("gameday", "plan", FAKE_401, "--duration", "60", *target, "--out", "mine.yaml")
    assert made.code == 0, made.err
    assert "primary of the target must be http://127.0.0.1:9101/v1" in " ".join(made.out.split())
    data = yaml.safe_load((tmp_path / "mine.yaml").read_text(encoding="utf-8"))
    assert data["name"] == "mine"
    assert data["system"]["headers"] == {"authorization": "Bearer {env.HOME}"}, "the key stays in the environment"
    assert data["providers"]["backup"]["port"] == 9102


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nope"], "no scenario is named 'nope'"),
        ([FAKE_401, "--speed", "70"], "recovering lasts 5.14 s, less than 3 times the system's timeout"),
        ([FAKE_401, "--speed", "0"], "a speed of 0"),
        ([FAKE_401, "--speed", "2", "--duration", "60"], "--speed and --duration say the same"),
        ([FAKE_401, "--duration", "soon"], "--duration 'soon' is no time"),
        ([FAKE_401, "--duration", "12"], "baseline and recovery alone take 12 s"),
        (["anthropic-2025-08-misroute"], "anthropic-2025-08-misroute would last 1,008 h"),
        ([FAKE_401, "--out", "Not Kebab.yaml"], "--out Not Kebab.yaml cannot be"),
        ([FAKE_401, "--out", "plan.json"], "--out plan.json cannot be"),
        ([FAKE_401, "--speed", "60", "--out", "no/where.yaml"], "cannot write no/where.yaml"),
        ([FAKE_401, "--target", "gateway:4000"], "--target: 'gateway:4000' is not an http or https URL"),
        ([FAKE_401, "--target", "http://h/v1", "--system", "litellm"], "--target and --system name two systems"),
        ([FAKE_401, "--header", "a: b"], "--header is for a --target"),
        ([FAKE_401, "--format", "pdf"], "no format is named 'pdf'"),
    ],
)
def test_what_cannot_be_planned_is_told_and_nothing_is_written(
    llmops: Llmops, tmp_path: Path, arguments: list[str], error: str
) -> None:
    ran = llmops("gameday", "plan", *arguments)
    assert ran.code == 2
    assert error in ran.err
    assert "hint:" in ran.err
    assert not list(tmp_path.iterdir())


def test_a_system_of_its_own_folder_is_planned_beside_it(llmops: Llmops, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    assert llmops("gameday", "plan", FAKE_401, "--speed", "60", "--system", "gateway", "--out", "own/it.yaml").code == 0
    data = yaml.safe_load((folder / "it.yaml").read_text(encoding="utf-8"))
    del data["gameday"]
    data["system"] = {"command": ["{folder}/gateway.sh", "{port}"]}
    (folder / "it.yaml").write_text(json.dumps(data), encoding="utf-8")
    ran = llmops("gameday", "plan", "own/it.yaml")
    assert (ran.code, "started from the folder of its file" in ran.err) == (2, True)
    assert llmops("gameday", "plan", "own/it.yaml", "--out", "own/gameday-it.yaml").code == 0
