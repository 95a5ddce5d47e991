"""`llmops ttft`: recorded calls in, figures out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from llmops.chaos.load.record import CallRecord, line_of

ROOT = Path(__file__).parents[3]
LOG = ROOT / "examples" / "litellm_spend_logs.jsonl.gz"
JOURNAL = ROOT / "tests" / "costmodel" / "usage" / "samples" / "llmops_journal.jsonl"


def of_llmperf(folder: Path, name: str, ttft_s: float, e2e_s: float, n: int = 20) -> Path:
    row = {"error_code": None, "ttft_s": ttft_s, "end_to_end_latency_s": e2e_s, "number_output_tokens": 101}
    file = folder / name
    file.write_text(json.dumps([row] * n))
    return file


def metric(report: Any, name: str, **scope: str) -> Any:
    (found,) = [one for one in report["metrics"] if one["name"] == name and one["scope"] == scope]
    return found


def test_two_hosts_are_ranked_twice_and_the_paradox_is_flagged(llmops: Callable[..., Any], tmp_path: Path) -> None:
    first = of_llmperf(tmp_path, "patient_70b.json", 0.635, 2.438)
    second = of_llmperf(tmp_path, "eager_70b.json", 0.366, 4.972)
    done = llmops("ttft", first, second)
    assert (done.code, done.err) == (0, "")
    assert "eager feels faster and patient is done sooner" in done.out
    report = json.loads(llmops("ttft", first, second, "--format", "json").out)
    assert report["kind"] == "ttft"
    assert metric(report, "ttft_p50_s", route="eager")["value"] == 0.366
    assert metric(report, "tpot_p50_s", route="patient")["value"] == pytest.approx((2.438 - 0.635) / 100)
    assert metric(report, "ttft_paradox_pairs")["value"] == 1
    jsonschema.validate(report, json.loads((ROOT / "llmops" / "report.schema.json").read_text()))


def test_a_slower_host_in_both_is_no_paradox(llmops: Callable[..., Any], tmp_path: Path) -> None:
    done = llmops("ttft", of_llmperf(tmp_path, "a_7b.json", 0.1, 1.0), of_llmperf(tmp_path, "b_7b.json", 0.2, 2.0))
    assert done.code == 0
    assert "feels faster" not in done.out


def test_a_usage_log_with_times_is_read_by_its_reader(llmops: Callable[..., Any]) -> None:
    report = json.loads(llmops("ttft", LOG, "--by", "model", "--format", "json").out)
    models = {one["scope"]["model"] for one in report["metrics"] if "model" in one["scope"]}
    assert models == {"gpt-5", "gpt-5-mini", "claude-sonnet-4-5"}
    assert 0.3 < metric(report, "ttft_p50_s", model="gpt-5-mini")["value"] < 1
    journal = llmops("ttft", JOURNAL)
    assert journal.code == 0
    assert "6 of them successful" in journal.out


def test_a_log_through_a_mapping_file(llmops: Callable[..., Any], tmp_path: Path) -> None:
    log, mapping = tmp_path / "log.csv", tmp_path / "mapping.yaml"
    log.write_text("m,i,o,first,whole\n" + "x,10,11,400,2400\n" * 6)
    mapping.write_text(
        "input_includes_cache: true\nmodel: m\ninput_tokens: i\noutput_tokens: o\n"
        "ttft_s: {path: first, unit: ms}\nlatency_s: {path: whole, unit: ms}\n"
    )
    report = json.loads(llmops("ttft", log, "--mapping", mapping, "--format", "json").out)
    assert metric(report, "ttft_p50_s")["value"] == 0.4
    assert metric(report, "tpot_p50_s")["value"] == pytest.approx(0.2)  # (2.4 - 0.4) / 10


def test_objectives_and_bands_may_be_chosen(llmops: Callable[..., Any], tmp_path: Path) -> None:
    file = of_llmperf(tmp_path, "a_7b.json", 0.6, 1.6)

    def good_ratio(*options: object) -> Any:
        return metric(json.loads(llmops("ttft", file, "--format", "json", *options).out), "goodput_ratio")["value"]

    assert good_ratio() == 0  # TTFT over 0.5 s
    assert good_ratio("--slo-ttft", 0.6) == 1
    assert good_ratio("--slo-ttft", "inf", "--slo-tpot", 0.009) == 0  # TPOT is 1 / 100
    assert good_ratio("--slo-ttft", 0.6, "--slo-e2e", 1.5) == 0
    assert "1 s: fast" not in llmops("ttft", file).out
    assert "< 1 s: instant" in llmops("ttft", file, "--bands", "slo").out


def test_without_a_time_to_the_first_token_the_answer_is_invalid(llmops: Callable[..., Any], tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    mapping = tmp_path / "mapping.yaml"
    log.write_text("m,i,o,whole\n" + "x,10,11,2.4\n" * 6)
    mapping.write_text("input_includes_cache: true\nmodel: m\ninput_tokens: i\noutput_tokens: o\nlatency_s: whole\n")
    done = llmops("ttft", log, "--mapping", mapping)
    assert done.code == 3
    assert "INVALID" in done.out
    assert "none of 6 successful calls has a time to its first token" in done.out


def test_where_nothing_succeeded_the_answer_is_invalid(llmops: Callable[..., Any], tmp_path: Path) -> None:
    failed = CallRecord(
        request_id="r", dialect="openai_chat", path="/x", model_asked="m", stream=True, scheduled_at=1.0,
        dispatched_at=1.0, ended_at=2.0, transport_error="reset",
    )  # fmt: skip
    file = tmp_path / "calls.jsonl"
    file.write_bytes(line_of(failed))
    done = llmops("ttft", file)
    assert done.code == 3
    assert "none of 1 call succeeded" in done.out


def test_a_file_of_nothing_but_a_cut_line_is_invalid(llmops: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "calls.jsonl").write_bytes(b'{"schema_version": 1, "kind": "call", "scheduled_at": 1')
    done = llmops("ttft", "calls.jsonl")
    assert done.code == 3
    assert "no call could be judged" in done.out
    assert "1 row set aside: cut off" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["none.json"], 2, "cannot read none.json"),
        (["empty.jsonl"], 3, "empty"),
        (["words.txt"], 2, "in no known log format"),
        (["ok_7b.json", "--by", "modl"], 2, "did you mean 'model'?"),
        (["ok_7b.json", "--bands", "nielson"], 2, "no scheme of bands"),
        (["ok_7b.json", "--slo-ttft", "0"], 2, "--slo-ttft 0.0 is no limit"),
        (["ok_7b.json", "--slo-tpot", "nan"], 2, "is no limit"),
        (["ok_7b.json", "--format", "pdf"], 2, "no format is named"),
        (["ok_7b.json", "--out", "ok_7b.json"], 2, "would overwrite"),
    ],
)
def test_bad_input_is_a_sentence_and_an_exit_code(
    llmops: Callable[..., Any], tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    of_llmperf(tmp_path, "ok_7b.json", 0.1, 1.0)
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "words.txt").write_text("just words\n")
    done = llmops("ttft", *arguments)
    assert done.code == code
    assert done.err.startswith("error: ")
    assert said in done.err
    assert "Traceback" not in done.err


def test_the_docs_show_what_is_printed(llmops: Callable[..., Any]) -> None:
    text = (ROOT / "docs" / "load.md").read_text(encoding="utf-8")
    _, _, shown = text.partition("$ llmops ttft examples/litellm_spend_logs.jsonl.gz --by model\n")
    expected, ellipsis, _ = shown.partition("\n…\n")
    assert ellipsis
    assert llmops("ttft", LOG, "--by", "model").out.startswith(expected)
