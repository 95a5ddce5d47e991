"""`llmops load`, against simulated providers."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from llmops.chaos.cli.load import ARRIVALS, DIALECTS, weights
from llmops.chaos.load import arrivals, asks
from llmops.errors import BadInput

ROOT = Path(__file__).parents[3]
LOG = ROOT / "tests" / "costmodel" / "usage" / "samples" / "llmops_journal.jsonl"
COMMAND = [sys.executable, "-m", "llmops"]


@contextmanager
def provider(name: str, *options: str) -> Iterator[str]:
    command = [*COMMAND, "chaos", "provider", name, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def openai() -> Iterator[str]:
    """The base URL of a simulated provider that speaks at once."""
    with provider("openai", "--ttft", "0.01", "--itl", "0.001") as url:
        yield url


def metric(report: Any, name: str, **scope: str) -> Any:
    (found,) = [one for one in report["metrics"] if one["name"] == name and one["scope"] == scope]
    return found["value"]


def test_eight_requests_a_tenth_of_a_second_apart_over_one_connection(llmops: Callable[..., Any]) -> None:
    # Service takes 0.5 s: call n is due at n/10 s and over at (n + 1)/2 s; mean 1.90 s, max 3.30 s.
    with provider("openai", "--ttft", "0.5") as url:
        done = llmops(
            "load", url, "--model", "m", "--rate", 10, "--count", 8, "--arrivals", "constant", "--connections", 1,
            "--no-stream", "--format", "json",
        )  # fmt: skip
    report = json.loads(done.out)
    assert done.code == 0
    assert 1.899 < metric(report, "scheduled_latency_mean_s") < 2.1  # never sooner; later by what a busy machine adds
    assert 3.299 < metric(report, "scheduled_latency_max_s") < 3.6
    assert 0.499 < metric(report, "e2e_mean_s") < 0.55  # all that a closed loop would see


def test_a_mix_is_measured_by_model_and_tenant(llmops: Callable[..., Any], openai: str, tmp_path: Path) -> None:
    done = llmops(
        "load", openai, "--model", "big", "--model", "small=3", "--tenant", "acme", "--tenant", "bob", "--rate", 200,
        "--count", 60, "--arrivals", "gamma", "--shape", 2, "--records", "calls.jsonl", "--format", "json",
        "--out", "r.json",
    )  # fmt: skip
    assert (done.code, done.out, done.err) == (0, "", "")
    report = json.loads((tmp_path / "r.json").read_text())
    jsonschema.validate(report, json.loads((ROOT / "llmops" / "report.schema.json").read_text()))
    assert (report["kind"], report["seed"], report["verdict"]) == ("load", 0, None)
    assert metric(report, "requests") == 60
    assert metric(report, "failed_requests_ratio") == 0
    groups = {tuple(one["scope"].values()) for one in report["metrics"] if one["name"] == "ttft_p50_s"}
    assert groups == {(), ("big", "acme"), ("big", "bob"), ("small", "acme"), ("small", "bob")}
    assert 0.01 <= metric(report, "ttft_p50_s") <= metric(report, "e2e_p50_s")
    assert 0 <= metric(report, "itl_p50_s") < 0.01
    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert len(lines) == 60
    assert {line["kind"] for line in lines} == {"call"}
    assert "text" not in lines[0]
    assert (tmp_path / "calls.jsonl").stat().st_mode & 0o777 == 0o600
    again = json.loads(llmops("ttft", tmp_path / "calls.jsonl", "--format", "json").out)
    assert metric(again, "ttft_p50_s") == pytest.approx(metric(report, "ttft_p50_s"), abs=1e-6)


def test_bodies_are_recorded_where_asked_for(llmops: Callable[..., Any], openai: str, tmp_path: Path) -> None:
    done = llmops("load", openai, "--model", "m", "--count", 1, "--records", "calls.jsonl", "--record-bodies")
    assert done.code == 0
    line = json.loads((tmp_path / "calls.jsonl").read_text())
    assert "[llmops:" in line["request_body"]
    assert line["text"].startswith("Report ")
    assert "data: [DONE]" in line["answer_body"]


@pytest.mark.parametrize(
    ("name", "dialect"), [("openai", "openai_responses"), ("anthropic", "anthropic_messages"), ("gemini", "gemini")]
)
@pytest.mark.parametrize("stream", ["--stream", "--no-stream"])
def test_every_dialect_is_spoken(llmops: Callable[..., Any], name: str, dialect: str, stream: str) -> None:
    with provider(name) as url:
        done = llmops("load", url, "--dialect", dialect, "--model", "m", "--rate", 50, "--count", 3, stream)
    assert done.code == 0
    assert "3 calls" in done.out
    assert "3 successful" in done.out


def test_a_log_is_replayed_with_its_models_and_its_pace(
    llmops: Callable[..., Any], openai: str, tmp_path: Path
) -> None:
    # The sample's ten calls span 5.2 s; 26 times as fast that is 0.2 s.
    done = llmops("load", openai, "--replay", LOG, "--speed", 26, "--records", "calls.jsonl", "--format", "json")
    assert done.code == 0
    report = json.loads(done.out)
    assert report["system"]["models"] == "those of the log"
    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    due = sorted(line["scheduled_at"] for line in lines)
    assert len(lines) == 10
    assert due[-1] - due[0] == pytest.approx((1795605183.000001 - 1795605177.798537) / 26, abs=1e-5)
    assert {line["model_asked"] for line in lines} == {"gpt-4o", "claude-sonnet-5", "text-embedding-3-small"}
    few = llmops("load", openai, "--replay", LOG, "--speed", 26, "--count", 3, "--model", "mine")
    assert "3 calls" in few.out


def test_the_key_goes_to_the_target_and_nowhere_else(
    llmops: Callable[..., Any], openai: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    done = llmops(
        "load", openai, "--model", "m", "--count", 2, "--rate", 50, "--key-env", "MY_KEY",
        "--header", "x-a: {env.MY_KEY}", "--records", "calls.jsonl", "--record-bodies", "--format", "json",
    )  # fmt: skip
    assert done.code == 0
    assert "very-secret" not in done.out + done.err + (tmp_path / "calls.jsonl").read_text()


def test_nobody_there_is_invalid(llmops: Callable[..., Any]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        done = llmops("load", f"http://127.0.0.1:{bound.getsockname()[1]}/v1", "--model", "m")
    assert done.code == 3
    assert "INVALID" in done.out
    assert "does not answer: Connection refused" in done.out


def test_nothing_but_failures_is_invalid(llmops: Callable[..., Any], openai: str) -> None:
    done = llmops("load", f"{openai}/nowhere", "--model", "m", "--count", 3, "--rate", 100)
    assert done.code == 3
    assert "none of 3 calls succeeded" in done.out
    assert "HTTP 404" in done.out


def test_ctrl_c_ends_it_with_what_there_is(openai: str, tmp_path: Path) -> None:
    records = tmp_path / "calls.jsonl"
    command = [
        *COMMAND,
        "load",
        openai,
        "--model",
        "m",
        "--rate",
        "200",
        "--duration",
        "600",
        "--records",
        str(records),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not (records.exists() and records.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (3, "")
    assert "INVALID" in out
    assert "stopped by SIGINT" in out
    assert all(json.loads(line)["kind"] == "call" for line in records.read_text().splitlines())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "no model is named"),
        (["--model", "m", "--rate", "0"], "a rate of 0.0 cannot be"),
        (["--model", "m", "--arrivals", "poison"], "did you mean 'poisson'?"),
        (["--model", "m", "--arrivals", "gamma", "--shape", "-1"], "a shape of -1.0 cannot be"),
        (["--model", "m", "--duration", "0"], "--duration 0.0 is no time"),
        (["--model", "m", "--deadline", "0"], "a deadline of 0.0 s cannot be"),
        (["--model", "m", "--dialect", "openai"], "no dialect is named 'openai'"),
        *(
            (["--model", "m", option, wrong], said)
            for option, said in (
                ("--rate", "a rate of"),
                ("--duration", "--duration"),
                ("--deadline", "a deadline of"),
                ("--slo-ttft", "is no limit"),
                ("--slo-tpot", "is no limit"),
                ("--slo-e2e", "is no limit"),
            )
            for wrong in (("nan", "inf") if "--slo" not in option else ("nan", "-inf"))
        ),
        (["--model", "m", "--arrivals", "gamma", "--shape", "nan"], "a shape of nan cannot be"),
        (["--model", "m=nan"], "cannot have the weight"),
        (["--model", "m=lots"], "has no number behind its ="),
        (["--model", "m", "--model", "m=2"], "names nobody, or somebody twice"),
        (["--model", "m=0"], "add up to nothing"),
        (["--model", "m", "--key-env", "NO_SUCH_KEY"], "the variable NO_SUCH_KEY is not set"),
        (["--model", "m", "--header", "x"], "is no header"),
        (["--model", "m", "--prompts", "none.jsonl"], "cannot read none.jsonl"),
        (["--replay", "none.jsonl"], "none.jsonl"),
        (["--model", "m", "--records", "no/such/folder.jsonl"], "cannot write no/such/folder.jsonl"),
        (["--model", "m", "--format", "pdf"], "no format is named"),
        (["--model", "m", "--out", "x", "--records", "x"], "would overwrite"),
    ],
)
def test_bad_input_is_a_sentence_before_anything_is_sent(
    llmops: Callable[..., Any], options: list[str], said: str
) -> None:
    done = llmops("load", "http://127.0.0.1:9/v1", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("url", ["127.0.0.1:9", "ftp://h", "http://user:key@h", "http://h?x=1"])
def test_what_is_no_base_url_is_refused(llmops: Callable[..., Any], url: str) -> None:
    done = llmops("load", url, "--model", "m")
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize("url", ["http://u:sk-pw@h/v1", "http://h/v1?key=sk-pw", "http://u:sk-pw@h:port/"])
def test_a_key_in_the_url_is_not_shown(llmops: Callable[..., Any], url: str) -> None:
    done = llmops("load", url, "--model", "m")
    assert (done.code, done.out) == (2, "")
    assert "sk-pw" not in done.err


def test_names_may_carry_weights() -> None:
    assert weights(["a", "b=0.5", "x=y=2"], "--model") == {"a": 1.0, "b": 0.5, "x=y": 2.0}
    with pytest.raises(BadInput):
        weights(["=2"], "--model")


def test_the_lists_of_the_help_are_those_of_the_library() -> None:
    assert ARRIVALS == arrivals.KINDS
    assert set(DIALECTS) == set(asks.ASKS)
