"""`llmops infra plan`."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.asked import asked
from llmops.infra.cli.plan import choose
from llmops.infra.instances import ModelNeeds, fits

LLAMA = ("--model", "meta-llama/Llama-3.3-70B-Instruct")
ON = ("--price-date", "2026-11-26")


def report(infra: Callable[..., Any], *arguments: str) -> dict[str, Any]:
    done = infra("plan", *arguments, *ON, "--format", "json")
    assert (done.code, done.err) == (0, "")
    told: dict[str, Any] = json.loads(done.out)
    return told


def table(told: dict[str, Any], name: str) -> dict[str, list[Any]]:
    found = next(it for it in told["tables"] if it["name"] == name)
    return {row[0]: row[1:] for row in found["rows"]}


def test_which_instances_hold_llama_70b_in_bf16(infra: Callable[..., Any]) -> None:
    held = {name: row[-1] for name, row in table(report(infra, *LLAMA, "--mode", "warm"), "instances").items()}
    assert held["g6e.12xlarge"] == held["p4d.24xlarge"] == held["p5.48xlarge"] == "yes"
    assert held["g5.12xlarge"] == held["g6.12xlarge"] == "no: 76 GB usable"
    assert held["p5e.48xlarge"] == "yes; price unknown"  # never dropped


def test_standing_by_and_serving_cost(infra: Callable[..., Any]) -> None:
    metrics = {it["name"]: it["value"] for it in report(infra, *LLAMA, "--mode", "warm")["metrics"]}
    # weights 3.243 + balancer 16.425 + NAT 65.7 + addresses 7.3 + key 1 + secret 0.4, and a volume: 400 GB 32, 15, 25
    assert float(metrics["fallback_standby_monthly_usd"]) == pytest.approx(94.068 + 72)
    assert float(metrics["fallback_serving_monthly_usd"]) == pytest.approx(10.49264 * 730)


def test_every_price_in_a_table_has_its_source_and_day(infra: Callable[..., Any]) -> None:
    told = report(infra, *LLAMA, "--mode", "warm")
    priced = {name for name, row in table(told, "instances").items() if row[3] is not None}
    sources = {commitment: set[str]() for commitment in ("on demand", "spot")}
    for each in told["sources"]:
        commitment, colon, items = each["name"].partition(": ")
        if colon and commitment in sources:
            assert each["dated"] is not None
            sources[commitment] |= set(items.split(", "))
    named = {each["name"] for each in told["sources"]}
    assert priced == sources["on demand"] | (priced & named)
    assert sources["spot"] == set(table(told, "spot"))
    assert {"g5.12xlarge", "p5.48xlarge"} <= priced  # one that does not hold the model, and one that does


def test_the_recovery_is_an_interval_with_parts(infra: Callable[..., Any]) -> None:
    told = report(infra, *LLAMA, "--mode", "warm")
    metric = next(it for it in told["metrics"] if it["name"] == "fallback_recovery_s")
    load = 141.2e9 / (750 * 1024**2)  # 179.5 s
    assert float(metric["interval"]["low"]) == pytest.approx(30 + load + 67 + 20, abs=1)
    assert float(metric["interval"]["high"]) == pytest.approx(126 + 2 * load + 297 + 40, abs=1)
    assert list(table(told, "recovery")) == ["boot", "load", "engine", "health"]
    assert any("not guaranteed" in sentence for sentence in told["summary"])


def test_reserved_capacity_is_not_called_unguaranteed(infra: Callable[..., Any]) -> None:
    assert not any("not guaranteed" in it for it in report(infra, *LLAMA, "--reserved")["summary"])


def test_reserved_capacity_is_billed_while_it_stands_by(infra: Callable[..., Any]) -> None:
    told = report(infra, *LLAMA, "--reserved", "--replicas", "2")
    rows = table(told, "standing")
    (line,) = [row for what, row in rows.items() if "reserved: billed on demand, used or not" in what]
    assert float(line[1]) == pytest.approx(2 * 10.49264 * 730)
    metrics = {it["name"]: float(it["value"]) for it in told["metrics"] if it["value"] is not None}
    # weights 3.243 + balancer 16.425 + NAT 65.7 + addresses 7.3 + key 1 + secret 0.4
    assert metrics["fallback_standby_monthly_usd"] == pytest.approx(94.068 + 2 * 10.49264 * 730)
    assert "serving on 2 costs nothing more." in told["summary"][1]
    hot = table(report(infra, *LLAMA, "--reserved", "--mode", "hot"), "standing")
    assert not any("reserved" in what for what in hot)  # it runs, and is paid once


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--replicas", "101"), "101 instances are more than the module makes, 100"),
        (("--zones", "1"), "--zones 1 is not what the module takes"),
        (("--zones", "7"), "--zones 7 is not what the module takes"),
        (("--context", "1023"), "greater than or equal to 1024"),
        (("--context", "1048577"), "less than or equal to 1048576"),
    ],
)
def test_what_the_module_refuses_is_not_planned(
    infra: Callable[..., Any], words: tuple[str, str], message: str
) -> None:
    done = infra("plan", *LLAMA, *words)
    assert (done.code, message in done.err) == (2, True)


def test_a_plan_that_cannot_be_deployed_fails(infra: Callable[..., Any]) -> None:
    big = ("--model", "deepseek-ai/DeepSeek-V3", "--precision", "fp8", "--throughput", "125")
    done = infra("plan", *big, *ON, "--format", "json")
    told = json.loads(done.out)
    assert (done.code, told["verdict"]["word"]) == (1, "FAIL")
    assert report(infra, *LLAMA)["verdict"] is None


@pytest.mark.parametrize(("precision", "told"), [("bf16", True), ("mxfp4", False)])
def test_another_precision_than_the_published_one_is_said(
    infra: Callable[..., Any], precision: str, told: bool
) -> None:
    findings = report(infra, "--model", "openai/gpt-oss-120b", "--precision", precision)["findings"]
    warned = [(it["level"], it["hint"]) for it in findings if "is published in mxfp4" in it["text"]]
    assert warned == [("warn", "--precision mxfp4")] * told


def test_a_model_that_no_type_holds_is_one_sentence() -> None:
    needs = ModelNeeds("m", "bf16", weights_bytes=1e13, sequence_bytes=1e9, context_tokens=8192, kv_heads=8)
    options = {"model": "m", "precision": None, "context": None, "replicas": None}
    with pytest.raises(BadInput, match="no instance type holds m in bf16 and 8,192 tokens of context"):
        choose(fits(needs), None, needs, asked(options, None, None), date(2026, 11, 26))


def test_hot_has_no_recovery_to_wait_for(infra: Callable[..., Any]) -> None:
    told = report(infra, *LLAMA, "--mode", "hot", "--replicas", "2")
    metrics = {it["name"]: it["value"] for it in told["metrics"]}
    assert metrics["fallback_recovery_s"] is None
    assert float(metrics["fallback_standby_monthly_usd"]) > 2 * 10.49264 * 730


def test_a_type_without_a_price_makes_the_cost_unknown(infra: Callable[..., Any]) -> None:
    metrics = {it["name"]: it["value"] for it in report(infra, *LLAMA, "--instance-type", "p5e.48xlarge")["metrics"]}
    assert metrics["fallback_serving_monthly_usd"] is None


def test_a_smaller_model_takes_a_smaller_instance(infra: Callable[..., Any]) -> None:
    told = report(infra, "--model", "Llama-3.1-8B")
    assert told["system"]["instance_type"] == "g6.xlarge"  # 16 GB of weights in 24 GB, at 0.8048 USD


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--model", "Llama-9"), "no model is named 'Llama-9'"),
        ((*LLAMA, "--mode", "tepid"), "--mode 'tepid' is unknown"),
        ((*LLAMA, "--precision", "int3"), "--precision 'int3' is unknown"),
        ((*LLAMA, "--instance-type", "g5.12xlarge"), "g5.12xlarge does not hold meta-llama/Llama-3.3-70B-Instruct"),
        ((*LLAMA, "--instance-type", "m5.large"), "no instance type with GPUs is named 'm5.large'"),
    ],
)
def test_bad_input_is_one_sentence(infra: Callable[..., Any], arguments: tuple[str, ...], message: str) -> None:
    done = infra("plan", *arguments)
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err


@pytest.fixture
def tco_file(llmops: Callable[..., Any], tmp_path: Path) -> Path:
    """Of a call every ten minutes in a week, 1,100 tokens each, by `llmops tco` itself."""
    call = {"object": "chat.completion", "model": "gpt-5", "usage": {"prompt_tokens": 1000, "completion_tokens": 100}}
    lines = [json.dumps({"id": f"c{at}", "created": 1_793_491_200 + at, **call}) for at in range(0, 7 * 86_400, 600)]
    (tmp_path / "week.jsonl").write_text("\n".join(lines), encoding="utf-8")
    asked = ("--self-host", "Llama-3.1-8B", "--gpu", "l40s", "--format", "json", "--out", tmp_path / "tco.json")
    assert llmops("tco", tmp_path / "week.jsonl", *asked).code == 0
    return tmp_path / "tco.json"


def test_a_plan_takes_its_figures_from_a_tco_result(infra: Callable[..., Any], tco_file: Path) -> None:
    told = report(infra, "--from", str(tco_file), "--mode", "warm")
    figures = {name: row[0] for name, row in table(told, "asked").items()}
    assert figures == {
        "model": "meta-llama/Llama-3.1-8B-Instruct",
        "precision": "fp8",
        "context": "1100",
        "gpu": "l40s",
        "gpus a replica": "1",
        "replicas": "1",
    }
    assert told["system"]["instance_type"] == "g6e.xlarge"  # the cheapest with an L40S, not with any GPU
    source = next(it for it in told["sources"] if it["name"] == "tco")
    assert source["what"].startswith("tco-")
    assert source["dated"] == json.loads(tco_file.read_text(encoding="utf-8"))["finished_at"][:10]


def test_options_stand_above_the_result(infra: Callable[..., Any], tco_file: Path) -> None:
    options = ("--from", str(tco_file), "--model", "Llama-3.1-8B", "--replicas", "3", "--instance-type", "g6.xlarge")
    told = report(infra, *options)
    assert table(told, "asked")["replicas"] == ["3", "--replicas"]
    assert told["system"]["instance_type"] == "g6.xlarge"
    metrics = {it["name"]: it["value"] for it in told["metrics"]}
    assert float(metrics["fallback_serving_monthly_usd"]) == pytest.approx(3 * 0.8048 * 730)


def test_an_instance_with_another_gpu_is_refused(infra: Callable[..., Any], tco_file: Path) -> None:
    done = infra("plan", "--from", str(tco_file), "--instance-type", "g6.xlarge")
    assert (done.code, "has 1 × L4, and the result was sized for 1 × l40s a replica" in done.err) == (2, True)


def test_a_result_that_lacks_a_figure_is_no_data(infra: Callable[..., Any], tco_file: Path) -> None:
    whole = json.loads(tco_file.read_text(encoding="utf-8"))
    del whole["system"]["hosted_replicas"]
    tco_file.write_text(json.dumps(whole), encoding="utf-8")
    done = infra("plan", "--from", str(tco_file))
    assert (done.code, "does not say hosted_replicas" in done.err) == (3, True)


def test_an_old_result_is_called_old(infra: Callable[..., Any], tco_file: Path) -> None:
    whole = json.loads(tco_file.read_text(encoding="utf-8"))
    for finished, old in (("2026-10-26T00:00:00+00:00", False), ("2026-10-25T00:00:00+00:00", True)):  # 31, 32 days
        tco_file.write_text(json.dumps({**whole, "finished_at": finished}), encoding="utf-8")
        findings = [it["text"] for it in report(infra, "--from", str(tco_file))["findings"]]
        assert any("days old" in it for it in findings) is old


def test_a_plan_never_overwrites_its_result(infra: Callable[..., Any], tco_file: Path) -> None:
    assert infra("plan", "--from", str(tco_file), "--out", str(tco_file)).code == 2


@pytest.mark.parametrize(("context", "told"), [("1024", True), ("16384", True)])
def test_a_context_that_the_module_takes_is_one_of_its_inputs(
    infra: Callable[..., Any], context: str, told: bool
) -> None:
    findings = [it["text"] for it in report(infra, *LLAMA, "--context", context)["findings"]]
    assert any(f"max_model_len = {context}" in it for it in findings) is told
