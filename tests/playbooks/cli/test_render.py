"""`llmops playbook render`: the page in its formats, and its exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import llmops.report as report_words
from llmops.renderers.json import Json

Llmops = Callable[..., Any]
RENDER = ("playbook", "render", "post-mortem", "--set", "owner=ann", "--set", "incident=it broke")


@pytest.fixture
def run(tmp_path: Path, make_run: Callable[..., Any]) -> str:
    (tmp_path / "run.json").write_text(Json().render(make_run()), encoding="utf-8")
    return "run.json"


def test_it_writes_a_page_with_what_the_result_says(llmops: Llmops, run: str) -> None:
    ran = llmops(*RENDER, "--result", run)
    assert (ran.code, ran.err) == (0, "")
    assert "# Post-mortem: it broke" in ran.out
    assert "- PASS: 1 scenario: 1 PASS (chaos-run in run.json, 2025-11-25)" in ran.out
    assert "| time to recover | not measured |  |  |  |" in ran.out


@pytest.mark.parametrize(
    ("output_format", "words"), [("html", "<h1>Post-mortem: it broke</h1>"), ("text", "Post-mortem: it broke")]
)
def test_it_writes_other_formats_and_files(
    output_format: str, words: str, llmops: Llmops, run: str, tmp_path: Path
) -> None:
    ran = llmops(*RENDER, "--result", run, "--format", output_format, "--out", "page")
    assert (ran.code, ran.out) == (0, "")
    assert words in (tmp_path / "page").read_text(encoding="utf-8")


def test_as_json_it_is_a_result_of_ours(llmops: Llmops, run: str) -> None:
    data = json.loads(llmops(*RENDER, "--result", run, "--format", "json").out)
    schema = json.loads((Path(str(report_words.__file__)).parent / "report.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(data)
    assert data["kind"] == "playbook"


def test_the_folder_of_a_run_is_a_result(llmops: Llmops, run: str, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / run).rename(tmp_path / "runs" / "result.json")
    assert "chaos-run in runs, 2025-11-25" in llmops(*RENDER, "--result", "runs").out


def _cut(path: Path) -> None:
    path.write_text(path.read_text()[:200])


def _without_findings(path: Path) -> None:
    data = json.loads(path.read_text())
    del data["findings"]
    path.write_text(json.dumps(data))


@pytest.mark.parametrize("spoil", [Path.unlink, _cut, _without_findings, lambda path: path.write_text("[]")])
def test_a_result_that_is_missing_or_unusable_is_no_data(spoil: Any, llmops: Llmops, run: str, tmp_path: Path) -> None:
    spoil(tmp_path / run)
    ran = llmops(*RENDER, "--result", run)
    assert (ran.code, ran.out) == (3, "")
    assert "run.json" in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("provider-outtage",), "did you mean 'provider-outage'?"),
        (("provider-outage",), "has no owner"),
        (
            ("post-mortem", "--set", "owner=a", "--set", "incident=b"),
            "post-mortem.md.j2:12: post-mortem asks for verdict",
        ),
        (("post-mortem", "--set", "owner"), "is no NAME=VALUE"),
        (("post-mortem", "--set", "owner=a", "--set", "owner=b"), "given twice"),
        (("provider-outage", "--set", "owner=a", "--set", "modle=b"), "did you mean 'model'?"),
        (("provider-outage", "--set", "owner=a", "--set", "model=a; rm -rf /"), "is more than a word"),
        (("provider-outage", "--set", "owner=a", "--result", "x", "--result", "./x"), "is named twice"),
        (("provider-outage", "--set", "owner=a", "--format", "pdf"), "no format is named 'pdf'"),
        (("provider-outage", "--set", "owner=a", "--out", "no/such/folder"), "cannot write"),
        (("provider-outage", "--set", "owner=a", "--templates", "gone"), "is no folder of templates"),
    ],
)
def test_wrong_usage_is_refused_with_a_sentence(arguments: tuple[str, ...], words: str, llmops: Llmops) -> None:
    ran = llmops("playbook", "render", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert words in " ".join(ran.err.split())


def test_it_never_overwrites_its_result(llmops: Llmops, run: str, tmp_path: Path) -> None:
    before = (tmp_path / run).read_text()
    assert llmops(*RENDER, "--result", run, "--out", run).code == 2
    assert (tmp_path / run).read_text() == before


def test_the_configuration_names_owner_and_templates(llmops: Llmops, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "cost-spike.md.j2").write_text("---\ntitle: Mine\nwhat: x\n---\nOf {{ owner }}.\n")
    (tmp_path / "llmops.yaml").write_text("playbooks: {owner: sre, templates: own}\n")
    assert llmops("playbook", "render", "cost-spike").out.endswith("---\nOf sre.\n")


def test_today_is_a_day_of_exercise(llmops: Llmops) -> None:
    ran = llmops("playbook", "render", "cost-spike", "--set", "owner=a", "--set", "last_exercised=today")
    assert "last_exercised: never" not in ran.out
    assert ran.code == 0
