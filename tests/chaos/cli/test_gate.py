"""The command: what it prints, writes and tells GitHub, and its exit codes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

import llmops.report
from llmops.chaos.intervals import wilson
from llmops.renderers.json import Json
from llmops.report import Interval, Metric, Report, Scenario, ScenarioCheck, ScenarioReceipts, Verdict

Llmops = Callable[..., Any]


def report(laundered: int = 0, hours: float = 1, run_id: str = "now") -> Report:
    """A run of one scenario of 80 requests."""
    at = datetime.now(UTC) - timedelta(hours=hours)
    scope = {"scenario": "stream-cut"}
    metrics = [
        Metric("laundered_ratio", laundered / 80, 80, Interval(*wilson(laundered, 80), 0.95), scope, laundered, 80),
        Metric("mean_attempts", 2.0, 80, scope=scope, numerator=160, denominator=80),
    ]
    check = ScenarioCheck("hang", "PASS", "0 of 80 had no end", 80, 0.0, 0.0, "at_most", "ratio")
    receipts = ScenarioReceipts(80, 80, 80)
    scenario = Scenario("stream-cut", "Cut", "PASS", "1 of 1 expectations hold", [check], {"rescued": 80}, receipts)
    return Report(
        kind="chaos-run",
        id=run_id,
        started_at=at,
        finished_at=at,
        tool_version="0.1.0",
        title="Failover under faults",
        verdict=Verdict("PASS", "1 scenario: 1 PASS"),
        metrics=metrics,
        scenarios=[scenario],
    )


@pytest.fixture(autouse=True)
def _no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may themselves run in GitHub's runners."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    """Write a result, and name it."""

    def write(name: str = "run.json", **given: Any) -> str:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(Json().render(report(**given)), encoding="utf-8")
        return name

    return write


@pytest.fixture
def gates(tmp_path: Path) -> Callable[..., str]:
    """Write a gate file, and name it."""

    def write(*lines: str) -> str:
        text = "gates:\n" + "".join(f"  - {line}\n" for line in lines or ("laundered == 0",))
        (tmp_path / "gates.yaml").write_text(text, encoding="utf-8")
        return "gates.yaml"

    return write


def test_it_says_first_whether_all_gates_hold(llmops: Llmops, run: Any, gates: Any) -> None:
    ran = llmops("gate", gates(), run())
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:3] == [
        "Reliability gates",
        "╭─ PASS ───────────────────────────────────────────────────────────────────────╮",
        "│ 1 PASS, and nothing fails.                                                   │",
    ]
    assert "laundered_ratio is 0 of 80" in ran.out


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["laundered == 0"], 1),
        (["laundered == 0", "ttft_p95_s < 1"], 1),
        (["ttft_p95_s < 1"], 3),
        (["{expr: laundered == 0, level: warn}"], 0),
        (["{expr: laundered == 0, level: warn}", "ttft_p95_s < 1"], 3),
        (["{expr: laundered == 0, waiver: {owner: ann, reason: known, until: 2999-12-31}}"], 0),
        (["{expr: laundered == 0, waiver: {owner: ann, reason: known, until: 2020-12-31}}"], 1),
        (["laundered == 1"], 2),
    ],
)
def test_a_fail_is_1_else_an_invalid_3_and_a_wrong_file_2(
    llmops: Llmops, run: Any, gates: Any, lines: list[str], code: int
) -> None:
    assert llmops("gate", gates(*lines), run(laundered=1)).code == code


def test_what_is_excused_is_shown(llmops: Llmops, run: Any, gates: Any) -> None:
    lines = [
        "{expr: laundered == 0, level: warn}",
        "{expr: attempts_per_request <= 1, waiver: {owner: ann, reason: litellm 40404, until: 2999-12-31}}",
    ]
    ran = llmops("gate", gates(*lines), run(laundered=1), "--format", "json")
    said = json.loads(ran.out)
    assert (ran.code, said["verdict"]["because"]) == (0, "1 WARN, 1 WAIVED, and nothing fails.")
    assert [row[1] for row in said["tables"][0]["rows"]] == ["WARN", "WAIVED"]
    assert "waived by ann until 2999-12-31: litellm 40404" in said["tables"][0]["rows"][1][-1]


def test_gates_are_checked_before_any_result_is_read(llmops: Llmops, gates: Any) -> None:
    ran = llmops("gate", gates("landered == 0"), "none.json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: gates.yaml:2: no metric is named 'landered'\nhint:  did you mean 'laundered'?\n"


def test_a_baseline_names_what_is_newly_laundered(llmops: Llmops, run: Any, gates: Any) -> None:
    earlier, now = run("old.json", hours=24, run_id="old"), run(laundered=2)
    ran = llmops("gate", gates("attempts_per_request <= 3"), now, "--baseline", earlier, "--format", "json")
    said = json.loads(ran.out)["verdict"]["because"]
    assert (ran.code, said) == (
        1,
        "newly laundered: laundered_ratio of scenario=stream-cut is 2 of 80 and was 0 of 80.",
    )
    ran = llmops("gate", gates("attempts_per_request <= 3"), run("same.json"), "--baseline", earlier)
    assert ran.code == 0
    assert "nothing is newly worse" in ran.out


def test_junit_is_written_also_when_a_result_is_missing(llmops: Llmops, run: Any, gates: Any, tmp_path: Path) -> None:
    assert llmops("gate", gates(), run(), "none.json", "--junit", "j.xml").code == 3
    root = ET.parse(tmp_path / "j.xml").getroot()  # noqa: S314 - our own
    assert [(case.get("name"), [each.tag for each in case]) for case in root.iter("testcase")] == [
        ("none.json", ["error"]),
        ("laundered == 0 [scenario=stream-cut]", ["system-out"]),
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--junit", "none/j.xml"], "cannot write none/j.xml: there is no such folder"),
        (["--junit", "run.json"], "--out run.json would overwrite run.json"),
        (["--out", "gates.yaml"], "--out gates.yaml would overwrite gates.yaml"),
        (["--junit", "x", "--out", "x"], "--out x would overwrite x"),
        (["--baseline", "run.json"], "the baseline run.json is the result itself"),
        (["run.json"], "the result run.json is named twice"),
        (["--format", "pdf"], "no format is named 'pdf'"),
    ],
)
def test_options_that_cannot_be_are_refused(
    llmops: Llmops, run: Any, gates: Any, options: list[str], words: str
) -> None:
    ran = llmops("gate", gates(), run(), *options)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_a_folder_of_a_run_is_its_result(llmops: Llmops, run: Any, gates: Any) -> None:
    run("nightly/result.json")
    assert llmops("gate", gates(), "nightly").code == 0


def test_the_json_is_of_the_one_schema_and_can_be_gated_itself(
    llmops: Llmops, run: Any, gates: Any, tmp_path: Path
) -> None:
    assert llmops("gate", gates(), run(), "--format", "json", "--out", "gated.json").code == 0
    data = json.loads((tmp_path / "gated.json").read_text(encoding="utf-8"))
    assert not list(Draft202012Validator(_schema()).iter_errors(data))
    assert llmops("gate", gates("verdict(gate) == PASS"), "gated.json").code == 0


def _schema() -> Any:
    return json.loads(Path(llmops_file("report.schema.json")).read_text(encoding="utf-8"))


def llmops_file(name: str) -> Path:
    return Path(llmops.report.__file__).with_name(name)


# --- in GitHub's runners


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The environment of a step; its summary's page."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


def test_in_a_runner_bad_gates_are_annotated_on_stderr_and_stdout_stays_the_report(
    llmops: Llmops, run: Any, gates: Any, runner: Path
) -> None:
    ran = llmops("gate", gates("attempts_per_request <= 3", "laundered == 0"), run(laundered=1), "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out)["kind"] == "gate"
    (command,) = ran.err.splitlines()
    assert command.startswith("::error file=gates.yaml,line=3,title=FAIL%3A laundered == 0 [scenario=stream-cut]::")
    assert runner.exists()


def test_the_summary_renders_as_markdown(llmops: Llmops, run: Any, gates: Any, runner: Path) -> None:
    lines = ["laundered == 0", "attempts_per_request <= 1", '{expr: hang == 0, name: "<b>a|b</b> [x](http://y)"}']
    llmops("gate", gates(*lines), run())
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(runner.read_text(encoding="utf-8"))
    kinds = [token.type for token in tokens]
    assert kinds.count("tr_open") == 1 + 3  # a head and three gates
    cells = [
        token.children or [] for at, token in enumerate(tokens) if token.type == "inline" and kinds[at - 1] == "td_open"
    ]
    assert len(cells) == 3 * 4
    assert all(child.type not in {"html_inline", "link_open"} for cell in cells for child in cell)
    text = "".join(child.content for cell in cells for child in cell)
    assert "<b>a|b</b>" in text
    assert next(token for token in tokens if token.type == "heading_open").tag == "h1"


def test_elsewhere_nothing_is_annotated(llmops: Llmops, run: Any, gates: Any) -> None:
    assert llmops("gate", gates(), run(laundered=1)).err == ""


def test_every_format_says_the_verdict(llmops: Llmops, run: Any, gates: Any) -> None:
    for output_format in ("text", "json", "md", "html"):
        assert "1 PASS, and nothing fails." in llmops("gate", gates(), run(), "--format", output_format).out


def test_the_configuration_names_the_file_and_the_age(llmops: Llmops, run: Any, gates: Any, tmp_path: Path) -> None:
    gates()
    (tmp_path / "llmops.yaml").write_text("gates: {file: gates.yaml, max_age: 2 h}\n", encoding="utf-8")
    assert llmops("gate", run()).code == 0
    assert llmops("gate", run("old.json", hours=3)).code == 3
    assert "is 3 hours old, and 2 hours is the most" in " ".join(llmops("gate", "old.json").out.split())
    (tmp_path / "other.yaml").write_text("max_age: 1 d\ngates: [laundered == 0]\n", encoding="utf-8")
    assert llmops("gate", "other.yaml", "old.json").code == 0  # a file that is named goes before it, with its own age


def test_without_a_result_or_a_file_of_gates_it_is_refused(
    llmops: Llmops, run: Any, gates: Any, tmp_path: Path
) -> None:
    for only in (gates(), run()):
        ran = llmops("gate", only)
        assert (ran.code, ran.out) == (2, "")
        assert f"no result is given besides {only}" in ran.err
    (tmp_path / "llmops.yaml").write_text("gates: {fiel: gates.yaml}\n", encoding="utf-8")
    ran = llmops("gate", "gates.yaml", "run.json")
    assert ran.code == 2
    assert "did you mean 'file'?" in ran.err


def test_in_github_a_wrong_file_of_gates_is_told_at_its_line(
    llmops: Llmops, run: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gates.yaml").write_text("gates:\n  - hang == 0\n  - launderedd == 0\n", encoding="utf-8")
    assert "::error" not in llmops("gate", "gates.yaml", run()).err
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    ran = llmops("gate", "gates.yaml", run())
    assert ran.code == 2
    told = (
        "::error file=gates.yaml,line=3,title=llmops gate::no metric is named 'launderedd' (did you mean 'laundered'?)"
    )
    assert told in ran.err


def test_a_result_before_the_gates_is_answered_with_their_order(
    llmops: Llmops, run: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "gates.yaml").write_text("gates:\n  - laundered == 0\n", encoding="utf-8")
    ran = llmops("gate", run(), "gates.yaml")
    assert ran.code == 2
    assert "gates come first: gates.yaml run.json" in ran.err


@pytest.mark.parametrize(("days", "warns"), [(360, False), (400, True)])
def test_a_waiver_of_more_than_a_year_is_warned_of(
    llmops: Llmops, run: Callable[..., str], tmp_path: Path, days: int, *, warns: bool
) -> None:
    until = (datetime.now(UTC) + timedelta(days=days)).date()
    waiver = f"{{owner: ada, reason: x, until: {until}}}"
    (tmp_path / "gates.yaml").write_text(f"gates:\n  - {{expr: laundered == 0, waiver: {waiver}}}\n", encoding="utf-8")
    ran = llmops("gate", "gates.yaml", run())
    assert ran.code == 0
    assert ("over a year" in " ".join(ran.out.split())) is warns
