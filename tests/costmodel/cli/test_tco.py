"""The command `llmops tco`, from a log or a configuration to a decision."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

DAY_S = 86_400
START = 1_793_491_200  # 2026-11-01

# Tian Pan, "Open-Weight Models in Production: When Self-Hosting Actually Beats the API" (2026-04-13)
CLOUD_70B = """
tco:
  api_usd_per_month: 15000
  hours_per_month: 720
  self_host: {model: a 70B model, naive: {gpus: 1, usd_per_gpu_hour: 2}}
  only_these_lines: true
  lines:
    gpus: {low: 6200, high: 12400, source: "4 to 8 cloud GPUs"}
    people: {low: 2500, high: 5000, source: "20 % of an ML engineer"}
    infrastructure: {low: 700, high: 1400, source: "networking, storage, redundancy"}
"""


def calls(days: int, *, every_s: int = 600, tokens: int = 1000) -> str:
    """One call of gpt-5 every so often."""
    usage = {"prompt_tokens": tokens, "completion_tokens": tokens // 10}
    return "".join(
        json.dumps(
            {"id": f"c{at}", "object": "chat.completion", "created": START + at, "model": "gpt-5", "usage": usage}
        )
        + "\n"
        for at in range(0, days * DAY_S + 1, every_s)
    )


@pytest.fixture
def week(tmp_path: Path) -> Path:
    log = tmp_path / "week.jsonl"
    log.write_text(calls(7), encoding="utf-8")
    return log


def value(report: dict[str, Any], name: str) -> Any:
    return next(one["value"] for one in report["metrics"] if one["name"] == name)


def test_the_worked_example_from_a_configuration(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    (tmp_path / "case.yaml").write_text(CLOUD_70B, encoding="utf-8")
    ran = llmops("tco", "--config", "case.yaml")
    text = " ".join(ran.out.split())
    assert ran.code == 0
    assert "INCONCLUSIVE" in text
    assert "naive: 1,440 USD a month, 90.4% less than the API" in text
    assert "honest: 9,400 to 18,800 USD a month" in text
    assert text.count("stated, not measured") >= 4


def test_a_week_of_little_traffic_is_bought(week: Path, llmops: Callable[..., Any]) -> None:
    ran = llmops("tco", week, "--price-date", "2026-11-25", "--format", "json")
    report = json.loads(ran.out)
    assert (ran.code, report["verdict"]["word"]) == (0, "BUY")
    # 1,009 calls of 1,000 + 100 tokens at 1.25 and 10 USD per Mtok, in 604,801 s, for a month of 730 h
    in_log = Decimal(1009) * (1000 * Decimal("1.25") + 100 * 10) / 1_000_000
    assert Decimal(value(report, "api_monthly_usd")) == pytest.approx(in_log * 730 * 3600 / 604_801)
    assert Decimal(value(report, "self_host_monthly_usd")) > Decimal(value(report, "api_monthly_usd"))


def test_below_seven_days_is_no_data_with_the_full_report(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(calls(6), encoding="utf-8")
    ran = llmops("tco", log, "--format", "json")
    report = json.loads(ran.out)
    assert (ran.code, report["verdict"]["word"]) == (3, "INCONCLUSIVE")
    assert {"lines", "buckets", "gpu_time", "basis"} <= {table["name"] for table in report["tables"]}
    repeated = llmops("tco", log, "--format", "json", "--assume-repeats")
    assert (repeated.code, json.loads(repeated.out)["verdict"]["word"]) == (0, "BUY")


@pytest.mark.parametrize("trace", ["conv", "code"])
def test_both_azure_traces_with_a_source_for_every_line(
    trace: str, shared_data: Path, llmops: Callable[..., Any]
) -> None:
    log = shared_data / "traces" / f"AzureLLMInferenceTrace_{trace}_2023.csv.gz"
    ran = llmops("tco", log, "--model", "openai:gpt-5", "--price-date", "2026-11-25", "--format", "json")
    report = json.loads(ran.out)
    assert ran.code == 3  # less than an hour of log
    (lines,) = (table for table in report["tables"] if table["name"] == "basis")
    sources = {source["name"]: source for source in report["sources"]}
    assert {row[0] for row in lines["rows"]} >= {"api", "gpus", "redundancy", "people", "storage", "egress"}
    assert all(sources[row[-1]]["what"] and sources[row[-1]]["dated"] for row in lines["rows"])
    repeated = llmops("tco", log, "--model", "openai:gpt-5", "--assume-repeats")
    assert repeated.code == 0
    assert max(len(line) for line in repeated.out.splitlines()) <= 80


def test_the_bucket_moves_the_answer_on_the_code_trace(shared_data: Path, llmops: Callable[..., Any]) -> None:
    log = shared_data / "traces" / "AzureLLMInferenceTrace_code_2023.csv.gz"
    report = json.loads(llmops("tco", log, "--model", "openai:gpt-5", "--format", "json").out)
    (buckets,) = (table for table in report["tables"] if table["name"] == "buckets")
    used = {row[0].split(" s")[0]: round(row[2] * 100) for row in buckets["rows"]}
    assert (used["60"], used["10"]) == (26, 6)  # costs.md of the field notes: 26 % at 60 s, 6 % at 10 s
    typical = {row[0].split(" s")[0]: row[4] for row in buckets["rows"]}
    assert typical["1"] >= typical["10"] >= typical["60"]


def test_what_would_be_hosted_is_named_with_its_quality_not_compared(week: Path, llmops: Callable[..., Any]) -> None:
    first_screen = " ".join(llmops("tco", week).out.split()[:250])
    assert "Llama-3.3-70B in fp8" in first_screen
    assert "quality is not compared" in first_screen
    other = " ".join(
        llmops("tco", week, "--self-host", "Llama-3.1-8B", "--gpu", "l40s", "--precision", "fp8").out.split()
    )
    assert "Llama-3.1-8B in fp8" in other
    assert "L40S" in other


def test_naive_is_below_honest(week: Path, llmops: Callable[..., Any]) -> None:
    report = json.loads(llmops("tco", week, "--format", "json").out)
    assert Decimal(value(report, "self_host_naive_monthly_usd")) < Decimal(value(report, "self_host_monthly_usd"))


def test_own_gpu_prices_move_the_cost(week: Path, tmp_path: Path, llmops: Callable[..., Any]) -> None:
    (tmp_path / "gpus.csv").write_text(
        "provider,gpu,count,usd_per_gpu_hour,commitment,region,source,checked_on\n"
        "acme,h100_sxm,1,1.00,on_demand,home,contract 9,2026-11-01\n",
        encoding="utf-8",
    )
    report = json.loads(llmops("tco", week, "--gpu-prices", "gpus.csv", "--format", "json").out)
    (lines,) = (table for table in report["tables"] if table["name"] == "lines")
    gpus = next(row for row in lines["rows"] if row[0].startswith("redundancy"))
    # Llama-3.3-70B in fp8 weighs 73 GB and needs 2 GPUs of 80 GB: one spare replica of 2 × 1.00 × 730
    assert [Decimal(cell) for cell in gpus[1:]] == [1460, 1460, 1460]


def test_unpriced_tokens_leave_buy_unproven(week: Path, llmops: Callable[..., Any]) -> None:
    text = week.read_text(encoding="utf-8")
    week.write_text(text.replace('"model": "gpt-5"', '"model": "who-knows-7"', 10), encoding="utf-8")
    ran = llmops("tco", week, "--format", "json")
    assert (ran.code, json.loads(ran.out)["verdict"]["word"]) == (3, "INCONCLUSIVE")


def test_a_stated_api_bill_replaces_the_log_s_and_says_so(
    week: Path, tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    (tmp_path / "llmops.yaml").write_text("tco: {api_usd_per_month: 1000000}\n", encoding="utf-8")
    report = json.loads(llmops("tco", week, "--format", "json").out)
    assert report["verdict"]["word"] == "BUILD"
    assert any("stated one" in finding["text"] for finding in report["findings"])


@pytest.mark.parametrize("output_format", ["text", "json", "md"])
def test_an_estimate_without_an_upper_bound_is_said_in_every_format(
    output_format: str, week: Path, llmops: Callable[..., Any]
) -> None:
    # at the slow end of what was measured, Llama-3.3-70B in bf16 on A100s keeps no 50 ms a token
    ran = llmops("tco", week, "--gpu", "a100_sxm80", "--precision", "bf16", "--format", output_format)
    assert ran.code == 0, ran.err
    assert "no bound" in ran.out
    assert "Infinity" not in ran.out


def test_a_calendar_week_of_hourly_calls_is_a_week(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    lines = calls(7, every_s=3600).splitlines(keepends=True)
    (tmp_path / "week.jsonl").write_text("".join(lines[:168]), encoding="utf-8")  # 7 × 24, the last one at 23:00
    assert llmops("tco", "week.jsonl").code == 0
    (tmp_path / "less.jsonl").write_text("".join(lines[:167]), encoding="utf-8")
    assert llmops("tco", "less.jsonl").code == 3


def test_a_stray_time_does_not_make_a_day_a_month(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    stray = calls(0).replace('"id": "c0"', '"id": "stray"').replace(str(START), str(START - 60 * DAY_S))
    (tmp_path / "log.jsonl").write_text(calls(1) + stray, encoding="utf-8")
    ran = llmops("tco", "log.jsonl")
    assert ran.code == 3
    assert "on only 3 of the log's 61 days" in " ".join(ran.out.replace("│", " ").split())


def test_gpu_prices_that_do_not_hold_the_gpu_are_refused(
    week: Path, tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    (tmp_path / "gpus.csv").write_text(
        "provider,gpu,count,usd_per_gpu_hour,commitment,region,source,checked_on\n"
        "acme,h100_sxm,1,1.00,spot,home,contract 9,2026-11-01\n",
        encoding="utf-8",
    )
    ran = llmops("tco", week, "--gpu-prices", "gpus.csv")
    assert (ran.code, "no on_demand price of h100_sxm" in ran.err) == (2, True)


def test_calls_without_a_time_are_left_out_of_both_sides(week: Path, llmops: Callable[..., Any]) -> None:
    before = json.loads(llmops("tco", week, "--format", "json").out)
    text = week.read_text(encoding="utf-8")
    undated = (
        text.splitlines(keepends=True)[0].replace(f'"created": {START}', '"created": null').replace('"c0"', '"cx"')
    )
    week.write_text(text + undated, encoding="utf-8")
    after = json.loads(llmops("tco", week, "--format", "json").out)
    assert value(after, "api_monthly_usd") == value(before, "api_monthly_usd")
    assert any("no time" in finding["text"] for finding in after["findings"])


def test_stated_gpus_replace_the_sized_fleet_and_say_so(week: Path, tmp_path: Path, llmops: Callable[..., Any]) -> None:
    (tmp_path / "llmops.yaml").write_text("tco: {self_host: {gpus: 3, usd_per_gpu_hour: 2}}\n", encoding="utf-8")
    report = json.loads(llmops("tco", week, "--format", "json").out)
    (lines,) = (table for table in report["tables"] if table["name"] == "lines")
    gpus = next(row for row in lines["rows"] if row[0].startswith("gpus"))
    assert [Decimal(cell) for cell in gpus[1:]] == [4380, 4380, 4380]  # 3 × 2 × 730
    assert any("GPUs are the stated ones" in finding["text"] for finding in report["findings"])
    assert not any(metric["name"] == "break_even_mtok_per_month" for metric in report["metrics"])


@pytest.mark.parametrize(
    ("arguments", "code", "said", "hint"),
    [
        ((), 2, "no log", "tco.api_usd_per_month"),
        (("week.jsonl", "--self-host", "Llama-3.3-7B"), 2, "Llama-3.3-7B", "llama-3.3-70b"),
        (("week.jsonl", "--gpu", "h100_smx"), 2, "h100_smx", "h100_sxm"),
        (("week.jsonl", "--precision", "fp7"), 2, "fp7", "fp"),
        (("week.jsonl", "--gpu", "a100_sxm80", "--precision", "fp8"), 2, "fp8", "bf16"),
        (
            ("week.jsonl", "--self-host", "Llama-3.1-405B", "--gpu", "l4", "--precision", "bf16"),
            2,
            "does not fit",
            "fit",
        ),
        (("week.jsonl", "--gpu-prices", "nope.csv"), 2, "nope.csv", ""),
        (("week.jsonl", "--price-date", "1999-01-01"), 3, "h100_sxm", "later"),
        (("week.jsonl", "--config", "typo.yaml"), 2, "tco.hours_per_mouth", "hours_per_month"),
        (("week.jsonl", "--since", "2030-01-01"), 3, "period", ""),
        (("unnamed.csv",), 3, "no token of the log has a price", "--model"),
        (("timeless.jsonl",), 3, "time", ""),
    ],
)
def test_bad_input_is_a_sentence_a_hint_and_an_exit_code(
    arguments: tuple[str, ...], code: int, said: str, hint: str, week: Path, tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    assert week.name == "week.jsonl"
    (tmp_path / "typo.yaml").write_text("tco: {hours_per_mouth: 720}\n", encoding="utf-8")
    (tmp_path / "unnamed.csv").write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,48,10\n")
    usage = {"input_tokens": 3, "output_tokens": 5}
    message = {"id": "m", "type": "message", "model": "claude-sonnet-4-5", "usage": usage}
    (tmp_path / "timeless.jsonl").write_text(json.dumps(message) + "\n", encoding="utf-8")
    ran = llmops("tco", *arguments)
    assert ran.code == code, ran
    assert said in ran.err
    assert hint in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_what_would_be_hosted_is_also_told_as_plain_data(week: Path, llmops: Callable[..., Any]) -> None:
    asked = ("--self-host", "Llama-3.1-8B", "--gpu", "l40s", "--precision", "fp8")
    told = json.loads(llmops("tco", week.name, *asked, "--format", "json").out)["system"]
    assert {name: told[name] for name in told if name.startswith("hosted_")} == {
        "hosted_model": "meta-llama/Llama-3.1-8B-Instruct",
        "hosted_precision": "fp8",
        "hosted_gpu": "l40s",
        "hosted_gpus_a_replica": "1",  # 8 GB of weights in 48
        "hosted_replicas": "1",  # without the spare: a call every ten minutes
    }
    assert told["longest_request_tokens"] == "1100"  # each call: 1,000 in, 100 out


def test_gpus_that_are_only_stated_say_nothing_of_replicas(
    week: Path, tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    (tmp_path / "stated.yaml").write_text("tco: {self_host: {gpus: 4}}\n", encoding="utf-8")
    told = json.loads(llmops("tco", week.name, "--config", "stated.yaml", "--format", "json").out)["system"]
    assert "hosted_replicas" not in told
    assert told["hosted_gpu"] == "h100_sxm"
