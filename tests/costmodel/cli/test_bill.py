"""The command `llmops bill`, from a log on disk to what it prints."""

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
LANGFUSE_MAPPING = """
input_includes_cache: true
provider: {value: google}
model_served: {value: gemini-3-pro-preview}
ts_utc: at
input_tokens: usage.promptTokenCount
output_total_tokens: {sum: [usage.candidatesTokenCount, usage.thoughtsTokenCount]}
"""


def metric(report: dict[str, Any], name: str, **scope: str) -> Any:
    return next(one["value"] for one in report["metrics"] if one["name"] == name and one["scope"] == scope)


def chat(number: int, model: str, prompt: int, completion: int, *, at: int = 1_760_000_000, **more: object) -> str:
    usage = {"prompt_tokens": prompt, "completion_tokens": completion}
    call = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": at, "model": model, "usage": usage}
    return json.dumps({**call, **more}) + "\n"


def test_the_conversation_trace_costs_68_8389875_usd(shared_data: Path, llmops: Callable[..., Any]) -> None:
    log = shared_data / "traces" / "AzureLLMInferenceTrace_conv_2023.csv.gz"
    ran = llmops("bill", log, "--model", "openai:gpt-5", "--price-date", "2026-11-25", "--format", "json")
    report = json.loads(ran.out)
    assert ran.code == 0
    assert (metric(report, "requests"), metric(report, "input_tokens")) == (19_366, 22_361_870)
    assert metric(report, "output_tokens") == 4_088_665
    # 22,361,870 × 1.25 / 1e6 + 4,088,665 × 10 / 1e6
    assert Decimal(metric(report, "catalogue_cost_usd")) == Decimal("68.8389875")


def test_the_code_trace_costs_25_0339275_usd(shared_data: Path, llmops: Callable[..., Any]) -> None:
    log = shared_data / "traces" / "AzureLLMInferenceTrace_code_2023.csv.gz"
    report = json.loads(
        llmops("bill", log, "--model", "openai:gpt-5", "--price-date", "2026-11-25", "--format", "json").out
    )
    assert metric(report, "requests") == 8_819
    assert Decimal(metric(report, "catalogue_cost_usd")) == Decimal("25.0339275")


def test_litellm_issue_9812_from_the_spend_log(shared_data: Path, llmops: Callable[..., Any]) -> None:
    report = json.loads(llmops("bill", shared_data / "log_samples" / "litellm_spendlogs.jsonl", "--format", "json").out)
    # 3 × 3 + 12,304 × 3.75 + 550 × 15 = 54,399 USD per million calls; https://github.com/BerriAI/litellm/issues/9812
    assert Decimal(metric(report, "catalogue_cost_usd")) == Decimal("0.054399")
    assert Decimal(metric(report, "reported_cost_usd")) == Decimal("0.0544")


def test_litellm_issue_9812_from_the_provider_s_own_usage(shared_data: Path, llmops: Callable[..., Any]) -> None:
    log = shared_data / "log_samples" / "anthropic_messages_usage.jsonl"
    report = json.loads(llmops("bill", log, "--price-date", "2026-11-25", "--format", "json").out)
    assert Decimal(metric(report, "catalogue_cost_usd")) == Decimal("0.054399")


def test_langfuse_issue_12531_through_a_mapping_file(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    log, mapping = tmp_path / "log.jsonl", tmp_path / "mapping.yaml"
    usage = {"promptTokenCount": 324, "candidatesTokenCount": 1364, "thoughtsTokenCount": 495}
    log.write_text(json.dumps({"at": "2026-11-24T10:00:00Z", "usage": usage}) + "\n", encoding="utf-8")
    mapping.write_text(LANGFUSE_MAPPING, encoding="utf-8")
    ran = llmops("bill", log, "--mapping", mapping, "--format", "json")
    # 324 × 2 + (1,364 + 495) × 12 = 22,956 USD per million; https://github.com/langfuse/langfuse/issues/12531
    assert Decimal(metric(json.loads(ran.out), "catalogue_cost_usd")) == Decimal("0.022956")


@pytest.mark.parametrize(("at", "usd"), [(1_749_513_599, "10"), (1_749_513_600, "2")])
def test_o3_input_is_priced_by_the_day_of_the_call(
    at: int, usd: str, tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    # 2025-06-09 23:59:59 and 2025-06-10 00:00:00 UTC
    log = tmp_path / "log.jsonl"
    log.write_text(chat(1, "o3", 1_000_000, 0, at=at), encoding="utf-8")
    report = json.loads(llmops("bill", log, "--format", "json").out)
    assert Decimal(metric(report, "catalogue_cost_usd")) == Decimal(usd)


def test_groups_add_up_to_the_total(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(
        chat(1, "gpt-5", 1000, 10) + chat(2, "gpt-5-mini", 777, 33) + chat(3, "gpt-5", 9, 9), encoding="utf-8"
    )
    report = json.loads(llmops("bill", log, "--by", "model", "--price-date", "2026-11-25", "--format", "json").out)
    parts = [Decimal(metric(report, "catalogue_cost_usd", model=model)) for model in ("gpt-5", "gpt-5-mini")]
    assert sum(parts) == Decimal(metric(report, "catalogue_cost_usd"))
    # gpt-5 1.25/10, gpt-5-mini 0.25/2
    assert parts == [Decimal("0.00145125"), Decimal("0.00026025")]


def test_two_periods_are_compared(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    log = tmp_path / "log.jsonl"
    october, november = 1_790_812_800, 1_793_491_200  # 2026-10-01 and 2026-11-01
    log.write_text(
        chat(1, "gpt-5", 100, 0, at=october)
        + chat(2, "gpt-5", 100, 0, at=november)
        + chat(3, "gpt-5", 100, 0, at=november),
        encoding="utf-8",
    )
    ran = llmops("bill", log, "--since", "2026-11-01", "--versus", "2026-10-01..2026-11-01", "--format", "json")
    (periods,) = (table for table in json.loads(ran.out)["tables"] if table["name"] == "periods")
    assert periods["rows"][0] == ["requests", 2, 1, "+100.0%"]


def test_an_unknown_model_is_unpriced_and_named(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(chat(1, "gpt-5", 100, 0) + chat(2, "gqt-55-turbo", 50, 50), encoding="utf-8")
    ran = llmops("bill", log, "--format", "json")
    report = json.loads(ran.out)
    assert ran.code == 0
    assert metric(report, "unpriced_tokens_ratio") == 0.5
    assert any("gqt-55-turbo" in finding["text"] and "100 tokens" in finding["text"] for finding in report["findings"])


def test_a_log_without_any_price_is_no_data_with_the_full_report(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    log = tmp_path / "log.csv"
    log.write_text(HEADER + "2023-11-16 18:17:03.9799600,4808,10\n", encoding="utf-8")
    ran = llmops("bill", log, "--format", "json")
    report = json.loads(ran.out)
    assert (ran.code, report["verdict"]["word"]) == (3, "INVALID")
    assert metric(report, "catalogue_cost_usd") is None
    assert any("--model" in finding["text"] for finding in report["findings"])


def test_rows_without_a_time_need_a_price_date(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    log = tmp_path / "log.jsonl"
    usage = {"input_tokens": 3, "output_tokens": 5}
    log.write_text(json.dumps({"id": "m", "type": "message", "model": "claude-sonnet-4-5", "usage": usage}) + "\n")
    ran = llmops("bill", log)
    assert (ran.code, "--price-date" in ran.err) == (2, True)
    assert llmops("bill", log, "--price-date", "2026-11-25").code == 0


def test_batch_without_a_dated_rate_stands_beside_the_standard_price(
    tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "input_includes_cache: true\nmodel_served: model\nprovider: {value: openai}\nts_utc: at\n"
        "input_tokens: n\noutput_total_tokens: {value: 0}\nprocessing: {value: batch}\n",
        encoding="utf-8",
    )
    log = tmp_path / "log.jsonl"
    log.write_text('{"model": "gpt-5", "at": "2026-10-13T00:00:00Z", "n": 1000000}\n', encoding="utf-8")
    ran = llmops("bill", log, "--mapping", mapping)
    assert "batch, no dated rate" in ran.out
    assert "1.25 USD" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "said", "hint"),
    [
        (("nope.jsonl",), 2, "nope.jsonl", "path"),
        (("no*.jsonl",), 2, "no file matches", "path"),
        (("good.jsonl", "--format", "yaml"), 2, "no format is named 'yaml'", "known"),
        (("good.jsonl", "--format", "txt"), 2, "no format is named 'txt'", "text"),
        (("good.jsonl", "--by", "modle"), 2, "modle", "model"),
        (("good.jsonl", "--price-date", "tomorrow"), 2, "--price-date", "today"),
        (("good.jsonl", "--since", "soon"), 2, "--since", "2026"),
        (("good.jsonl", "--since", "2026-11-02", "--until", "2026-11-01"), 2, "ends before", ""),
        (("good.jsonl", "--versus", "october"), 2, "--versus", "2026-10-01..2026-11-01"),
        (("good.jsonl", "--since", "2030-01-01"), 3, "no call of the log falls into that period", "it runs from"),
        (("good.jsonl", "--model", "opnai:gpt-5"), 2, "opnai", "openai"),
        (("good.jsonl", "--model", "openai:gpt-55"), 2, "gpt-55", "gpt-5"),
        (("good.jsonl", "--log-format", "litelm"), 2, "litelm", "litellm_spend_logs"),
        (("good.jsonl", "--max-rejected", "many"), 2, "--max-rejected", ""),
        (("good.jsonl", "--max-rejected", "nan"), 2, "--max-rejected", "0 to 100"),
        (("good.jsonl", "--max-rejected", "101"), 2, "--max-rejected", "0 to 100"),
        (("good.jsonl", "--config", "nope.yaml"), 2, "nope.yaml", ""),
        (("good.jsonl", "--config", "typo.yaml"), 2, "prises", "prices"),
        (("good.jsonl", "--config", "typo2.yaml"), 2, "prices.discount", "discounts"),
        (("good.jsonl", "--mapping", "nope.yaml"), 2, "nope.yaml", ""),
        (("good.jsonl", "--out", "missing/folder.txt"), 2, "missing/folder.txt", "folder"),
        (("empty.jsonl",), 3, "empty", ""),
        (("cut.jsonl.gz",), 2, "ends early", ""),
        (("latin1.jsonl",), 2, "not UTF-8", "iconv"),
        (("rubbish.txt",), 2, "no known log format", "--mapping"),
        ((".",), 2, "folder", ""),
    ],
)
def test_bad_input_is_a_sentence_a_hint_and_an_exit_code(
    arguments: tuple[str, ...], code: int, said: str, hint: str, tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    good = chat(1, "gpt-5", 10, 10) + chat(2, "gpt-5", 10, 10)
    (tmp_path / "good.jsonl").write_text(good, encoding="utf-8")
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(good.encode() * 100)[:-20])
    (tmp_path / "latin1.jsonl").write_bytes(
        chat(1, "gpt-5", 1, 1, user="\xe9").encode().decode("unicode_escape").encode("latin-1")
    )
    (tmp_path / "rubbish.txt").write_text("what is this\nno idea\n", encoding="utf-8")
    (tmp_path / "typo.yaml").write_text("prises: {}\n", encoding="utf-8")
    (tmp_path / "typo2.yaml").write_text("prices: {discount: []}\n", encoding="utf-8")
    ran = llmops("bill", *arguments)
    assert ran.code == code, ran
    assert said in ran.err
    assert hint in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_what_a_log_does_not_tell_is_unknown_and_not_zero(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    (tmp_path / "trace.csv").write_text(HEADER + "2023-11-16 18:17:03,4808,10\n", encoding="utf-8")
    trace = json.loads(llmops("bill", "trace.csv", "--model", "openai:gpt-5", "--format", "json").out)
    for name in ("failed_requests_ratio", "cached_input_ratio", "retried_requests_ratio", "usd_per_successful_request"):
        assert metric(trace, name) is None, name
    (tmp_path / "log.jsonl").write_text(chat(1, "gpt-5", 10, 10), encoding="utf-8")
    told = json.loads(llmops("bill", "log.jsonl", "trace.csv", "--model", "openai:gpt-5", "--format", "json").out)
    assert metric(told, "failed_requests_ratio") == 0
    (share,) = (one for one in told["metrics"] if one["name"] == "failed_requests_ratio")
    assert share["denominator"] == 1  # of the one call whose log tells


@pytest.mark.parametrize("other", [(), ("--rejects", "log.jsonl")])
def test_a_report_never_overwrites_its_own_log(
    other: tuple[str, ...], tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(chat(1, "gpt-5", 10, 10), encoding="utf-8")
    ran = llmops("bill", "log.jsonl", "--out", "log.jsonl", *other)
    assert (ran.code, "would overwrite" in ran.err) == (2, True)
    assert log.read_text(encoding="utf-8") == chat(1, "gpt-5", 10, 10)


def test_a_cost_per_request_is_unknown_while_some_tokens_have_no_price(
    tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    (tmp_path / "log.jsonl").write_text(chat(1, "gpt-5", 100, 0) + chat(2, "gqt-55-turbo", 50, 50), encoding="utf-8")
    ran = llmops("bill", "log.jsonl", "--format", "json")
    assert metric(json.loads(ran.out), "usd_per_1k_requests") is None
    assert "50.0% of the tokens have no price" in " ".join(llmops("bill", "log.jsonl").out.split())


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2026-11-01", "2026-11-02", ""),
        ("2026-11-01", "2026-11-03", "same length"),
        ("2026-10-31T12", "2026-11-01T12", "overlap"),
    ],
)
def test_unlike_periods_are_compared_with_a_warning(
    since: str, until: str, said: str, tmp_path: Path, llmops: Callable[..., Any]
) -> None:
    (tmp_path / "log.jsonl").write_text(
        chat(1, "gpt-5", 100, 0, at=1_793_404_800) + chat(2, "gpt-5", 100, 0, at=1_793_491_200), encoding="utf-8"
    )  # midnight of 2026-10-31 and of 2026-11-01
    versus = ("--since", since, "--until", until, "--versus", "2026-10-31..2026-11-01")
    report = json.loads(llmops("bill", "log.jsonl", *versus, "--format", "json").out)
    warned = [finding["text"] for finding in report["findings"] if "two periods" in finding["text"]]
    assert [said in text for text in warned] == ([True] if said else [])


def test_prices_of_a_day_to_come_are_flagged(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    (tmp_path / "log.jsonl").write_text(chat(1, "gpt-5", 100, 0), encoding="utf-8")
    assert "is in the future" in " ".join(llmops("bill", "log.jsonl", "--price-date", "2999-01-01").out.split())
    assert "is in the future" not in llmops("bill", "log.jsonl", "--price-date", "2026-11-25").out


def test_a_copy_of_a_log_without_ids_is_refused(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    for name, row in (("a.csv", "48"), ("b.csv", "48"), ("c.csv", "49")):
        (tmp_path / name).write_text(f"{HEADER}2023-11-16 18:17:03,{row},10\n", encoding="utf-8")
    ran = llmops("bill", "a.csv", "b.csv", "--model", "openai:gpt-5")
    assert (ran.code, "b.csv is a copy of a.csv" in ran.err) == (2, True)
    assert llmops("bill", "a.csv", "c.csv", "--model", "openai:gpt-5").code == 0


def test_negotiated_discounts_come_beside_the_list_price(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    (tmp_path / "log.jsonl").write_text(chat(1, "gpt-5", 1_000_000, 0), encoding="utf-8")
    (tmp_path / "llmops.yaml").write_text(
        'prices: {discounts: [{provider: openai, model: "gpt-5*", percent: 12.5, source: "contract 17"}]}\n',
        encoding="utf-8",
    )
    report = json.loads(llmops("bill", "log.jsonl", "--price-date", "2026-11-25", "--format", "json").out)
    assert Decimal(metric(report, "catalogue_cost_usd")) == Decimal("1.25")
    assert Decimal(metric(report, "discounted_cost_usd")) == Decimal("1.09375")  # 1.25 × 0.875


def test_rejected_rows_warn_and_are_written_out(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    rows = [chat(number, "gpt-5", 10, 10) for number in range(100)]
    rows[50] = "{ rubbish\n"
    (tmp_path / "log.jsonl").write_text("".join(rows), encoding="utf-8")
    ran = llmops("bill", "log.jsonl", "--rejects", "rejects.jsonl")
    assert ran.code == 0  # 1 of 100 is 1 percent: not above it
    assert "1 rows rejected" in " ".join(ran.out.split())
    (rejected,) = (tmp_path / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(rejected)["record"] == 51
    assert llmops("bill", "log.jsonl", "--max-rejected", "0.5").code == 3


def test_the_first_count_of_a_cut_answer_is_no_final_one(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    wire = {
        "schema_version": 1, "kind": "wire", "at": "2026-11-25T10:00:00Z", "provider": "openai", "call": 1,
        "dialect": "anthropic_messages", "ended": "client_gone", "status": 200, "upstream_status": 200, "stream": True,
        "complete": False, "model_answered": "gpt-5", "input_tokens": 1_000_000, "output_tokens": 1,
    }  # fmt: skip
    log = tmp_path / "proxy.jsonl"
    log.write_text(json.dumps(wire) + "\n")
    report = json.loads(llmops("bill", log, "--price-date", "2026-11-25", "--format", "json").out)
    # 1,000,000 × 1.25 / 1e6 + 1 × 10 / 1e6
    assert (
        "at least 1.25001 USD, for in the log 1 answer was cut before all tokens were counted" in report["summary"][1]
    )
    assert any("its output tokens are at least these" in finding["text"] for finding in report["findings"])


def test_the_text_fits_80_columns(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    (tmp_path / "log.jsonl").write_text(
        chat(1, "a-model-with-a-very-long-name-" * 4, 10**9 // 100, 10**9 // 100) + chat(2, "gpt-5", 1, 1),
        encoding="utf-8",
    )
    ran = llmops("bill", "log.jsonl")
    assert max(len(line) for line in ran.out.splitlines()) <= 80


def test_markdown_and_files(tmp_path: Path, llmops: Callable[..., Any]) -> None:
    (tmp_path / "log.jsonl").write_text(chat(1, "gpt-5", 1, 1), encoding="utf-8")
    ran = llmops("bill", "log.jsonl", "--format", "md", "--out", "bill.md")
    assert (ran.code, ran.out) == (0, "")
    assert (tmp_path / "bill.md").read_text(encoding="utf-8").startswith("# Bill\n")
