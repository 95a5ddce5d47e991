"""Every shipped template, rendered from results that our commands wrote, and linted clean."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from llmops.infra.drill import Answer, Drilled
from llmops.infra.drill_report import drill_report
from llmops.playbooks.inputs import EXERCISES
from llmops.playbooks.shelf import OURS, names, templates
from llmops.renderers.json import Json

ROOT = Path(__file__).parents[2]
LOG = ROOT / "examples" / "litellm_spend_logs.jsonl.gz"
SAMPLES = Path(__file__).parent / "samples"
RUN, GAMEDAY = SAMPLES / "chaos-run.json", SAMPLES / "gameday.json"
SETTINGS = {
    "post-mortem": {"incident": "the provider was down for an hour"},
    "game-day-brief": {"goal": "see who notices", "when": "2026-12-01", "cost_cap_usd": "5"},
}
MEASURED = {  # what a page must show of the results, so that no name of a metric, table or kind in it is a dead one
    "activate-the-self-hosted-fallback": ["serves after | 60 s", "planned recovery |", "standing by a month |"],
    "bad-but-200": ["cut or empty passed as success (scenario stream-cut) | 0.0 % | 95 %:"],
    "cost-spike": ["at catalogue prices | 57.09 USD", "input from the cache |", "hosting it ourselves a month |"],
    "game-day-brief": ["people or detector saw it after (scenario g) | 1.874 s |"],
    "post-mortem": [
        "people or detector saw it after (scenario g) | 1.874 s |",
        "system tried again after (scenario",
        "| fallback-answers | PASS |",
        "rollback is proven",
    ],
    "provider-outage": ["| stream-cut | PASS |", "attempts per request (scenario g) | 2.6 attempts"],
    "rate-limit-storm": ["failed in the log | 1.6 % |", "over their budget of attempts (scenario stream-cut) | 0.0 %"],
    "return-to-the-provider": ["time to recover (scenario g) | 42.56 s"],
}
Llmops = Callable[..., Any]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A bill, a decision, a plan and a drill, each as its command writes it; a run and a game day that were."""
    folder = tmp_path_factory.mktemp("results")
    commands = {
        "bill": ("bill", LOG),
        "tco": ("tco", LOG, "--price-date", "2026-11-25"),
        "plan": ("infra", "plan", "--model", "meta-llama/Llama-3.3-70B-Instruct", "--mode", "warm"),
    }
    for name, words in commands.items():
        command = [sys.executable, "-m", "llmops", *map(str, words), "--format", "json", "--out", f"{name}.json"]
        subprocess.run(command, cwd=folder, check=True)
    at = datetime.now(UTC) - timedelta(days=1)
    drilled = Drilled(60, 65.25, (Answer(good=True, reason="", first_token_s=0.5),))
    drill = drill_report(drilled, {"fallback": "fb", "mode": "warm", "model": "m"}, started_at=at, finished_at=at)
    (folder / "drill.json").write_text(Json().render(drill), encoding="utf-8")
    files = [
        *(folder / f"{name}.json" for name in (*commands, "drill")),
        *map(_of_yesterday, (RUN, GAMEDAY), [folder] * 2),
    ]
    return [word for file in files for word in ("--result", str(file))]


def _of_yesterday(sample: Path, folder: Path) -> Path:
    """A sample as if it had been written a day ago, whatever the clock here says."""
    data = json.loads(sample.read_text(encoding="utf-8"))
    at = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    (folder / sample.name).write_text(json.dumps({**data, "started_at": at, "finished_at": at}), encoding="utf-8")
    return folder / sample.name


def settings_of(name: str) -> list[str]:
    given = {"owner": "ann", **SETTINGS.get(name, {})}
    return [word for key, value in given.items() for word in ("--set", f"{key}={value}")]


@pytest.mark.parametrize("name", names(OURS))
def test_it_is_rendered_from_results_of_ours_and_linted_clean(
    name: str, llmops: Llmops, results: list[str], tmp_path: Path
) -> None:
    assert llmops("init").code == 0
    exercised = ("--set", "last_exercised=today")
    ran = llmops("playbook", "render", name, *results, *settings_of(name), *exercised, "--out", f"{name}.md")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    page = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
    assert [shown for shown in MEASURED[name] if shown not in page] == []
    linted = llmops("playbook", "lint", f"{name}.md")
    assert (linted.code, linted.err) == (0, ""), linted.out


@pytest.mark.parametrize("name", names(OURS))
def test_without_a_result_it_says_what_was_not_measured(name: str, llmops: Llmops) -> None:
    ran = llmops("playbook", "render", name, *settings_of(name))
    if name == "post-mortem":  # of nothing there is none
        assert ran.code == 2
        return
    assert ran.code == 0
    assert "not measured" in ran.out


@pytest.mark.parametrize("name", names(OURS))
def test_in_other_formats_it_says_the_same(name: str, llmops: Llmops, tmp_path: Path) -> None:
    command = ("playbook", "render", name, *settings_of(name), "--result", str(_of_yesterday(GAMEDAY, tmp_path)))
    html, text = (llmops(*command, "--format", each).out for each in ("html", "text"))
    title = next(t.content for t in MarkdownIt().parse(llmops(*command).out.split("---\n", 2)[2]) if t.type == "inline")
    assert f"<h1>{title}</h1>" in html
    assert title in text
    assert "{{" not in html


def test_what_exercises_a_template_is_there() -> None:
    from llmops.chaos.experiments import shipped

    asked = {word for each in templates(None) for word in each.form.exercised_by}
    assert sorted(asked - set(EXERCISES) - set(shipped.names())) == []


def test_each_template_has_figures_that_must_show() -> None:
    assert sorted(MEASURED) == names(OURS)
