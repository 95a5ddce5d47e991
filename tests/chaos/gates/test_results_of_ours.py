"""Gates on what our commands really write: all of it is usable, whatever the command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
LOG = ROOT / "examples" / "litellm_spend_logs.jsonl.gz"
Llmops = Callable[..., Any]


@pytest.fixture
def gated(llmops: Llmops, tmp_path: Path) -> Callable[..., list[tuple[str, str]]]:
    """The gates and their verdicts on the result of a command."""

    def judge(gates: str, *command: object) -> list[tuple[str, str]]:
        ran = llmops(*command, "--format", "json")
        assert ran.code in {0, 1, 3}, ran.err
        (tmp_path / "result.json").write_text(ran.out, encoding="utf-8")
        (tmp_path / "gates.yaml").write_text(f"gates:\n{gates}", encoding="utf-8")
        report = json.loads(llmops("gate", "gates.yaml", "result.json", "--format", "json").out)
        return [(row[0], row[1]) for row in report["tables"][0]["rows"]]

    return judge


def test_a_bill_by_team_model_and_day(gated: Any) -> None:
    """13.31 USD per 1,000 requests in all; 70 of 4,290 failed; see the README for the totals."""
    gates = """
  - usd_per_1k_requests < 13.4
  - {expr: usd_per_1k_requests < 13.2, name: cheaper}
  - failed_requests_ratio < 2.5 %
  - {expr: requests >= 1, scope: {tenant: search, model: gpt-5, day: 2026-11-03}, name: of search}
  - {expr: peak_utilisation_ratio >= 4 %, scope: {bucket_s: 60}, name: peak}
"""
    by = ["--by", "team", "--by", "model", "--by", "day"]
    assert gated(gates, "bill", LOG, *by) == [
        ("cheaper", "FAIL"),
        ("usd_per_1k_requests < 13.4", "PASS"),
        ("failed_requests_ratio < 2.5 %", "PASS"),
        ("of search", "PASS"),
        ("peak", "PASS"),
    ]


def test_a_decision(gated: Any) -> None:
    gates = "  - verdict(tco) == BUY\n  - self_host_monthly_usd > 10000\n  - verdict(tco) == BUILD\n"
    assert gated(gates, "tco", LOG, "--price-date", "2026-11-25") == [
        ("verdict(tco) == BUILD", "FAIL"),
        ("verdict(tco) == BUY", "PASS"),
        ("self_host_monthly_usd > 10000", "PASS"),
    ]


def test_a_decision_that_is_none(gated: Any) -> None:
    """The ranges overlap: 9,400 to 18,800 against 15,000 USD a month."""
    gates = "  - verdict(tco) == BUY\n  - self_host_monthly_usd < 15000\n  - self_host_monthly_usd < 20000\n"
    assert gated(gates, "tco", "--config", ROOT / "examples" / "stated.yaml") == [
        ("verdict(tco) == BUY", "INVALID"),
        ("self_host_monthly_usd < 15000", "INVALID"),
        ("self_host_monthly_usd < 20000", "PASS"),
    ]


def test_latencies_of_each_model(gated: Any) -> None:
    gates = "  - ttft_p95_s < 3\n  - {expr: ttft_p95_s < 3, scope: {model: gpt-5}}\n  - ttft_p95_s < 10 ms\n"
    assert gated(gates, "ttft", LOG, "--by", "model") == [
        ("ttft_p95_s < 10 ms", "FAIL"),
        ("ttft_p95_s < 3", "PASS"),
        ("ttft_p95_s < 3 of model=gpt-5", "PASS"),
    ]


def test_a_trace_through_a_breaker(gated: Any, tmp_path: Path) -> None:
    """200 calls, of which the 40 from second 100 on failed."""
    lines = [f"{at},{500 if 100 <= at < 140 else 200},0.5,0.9" for at in range(200)]
    (tmp_path / "trace.csv").write_text("at,status,latency_s,quality\n" + "\n".join(lines), encoding="utf-8")
    gates = """
  - http_availability_ratio >= 70 %
  - http_availability_ratio >= 90 %
  - {expr: false_trips == 0, scope: {breaker: three_signals}, name: no false trip}
  - false_trips == 0
"""
    found = dict(gated(gates, "chaos", "replay", "trace.csv", "--bad", "100..140"))
    assert found["http_availability_ratio >= 70 %"] == "PASS"  # 160 of 200: 0.1 > 1.96 * sqrt(0.21 / 200) = 0.064
    assert found["http_availability_ratio >= 90 %"] == "FAIL"
    assert found["no false trip"] == "PASS"
    assert found["false_trips == 0"] == "INVALID"  # of which breaker?


def test_answers_that_were_checked(gated: Any, tmp_path: Path) -> None:
    """40 good ones: none of 35 or more is invalid. One of another model is one too many."""
    good = json.loads((ROOT / "tests" / "chaos" / "answers" / "openai_chat_text.json").read_text(encoding="utf-8"))
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Who are you?"}]}
    lines = [json.dumps({"request": asked, "response": good})] * 40
    gates = "  - verdict(check) == PASS\n  - invalid_answers == 0\n"
    log = tmp_path / "answers.jsonl"
    log.write_text("\n".join(lines), encoding="utf-8")
    assert {*dict(gated(gates, "chaos", "check", log)).values()} == {"PASS"}
    other = json.dumps({"request": asked, "response": {**good, "model": "gpt-3.5-turbo-0125"}})
    log.write_text("\n".join([*lines, other]), encoding="utf-8")
    assert {*dict(gated(gates, "chaos", "check", log)).values()} == {"FAIL"}


def test_a_result_without_metrics_is_usable_and_says_nothing(gated: Any) -> None:
    assert gated("  - laundered == 0\n", "chaos", "faults") == [("laundered == 0", "INVALID")]
