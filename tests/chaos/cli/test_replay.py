"""`llmops chaos replay` on files: problem 11's trace, journals, and bad input."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEAD = "at,status,latency_s,quality\n"


def written(tmp_path: Path, text: str, name: str = "trace.csv") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def falling(tmp_path: Path) -> Path:
    """All 200; quality 0.92, and 0.60 from 300 s on."""
    rows = (f"{at},200,1.0,{0.92 if at < 300 else 0.60}\n" for at in range(600))
    return written(tmp_path, HEAD + "".join(rows))


def metric(report: Any, name: str, **scope: str) -> Any:
    return next(one for one in report["metrics"] if one["name"] == name and one["scope"] == scope)


def test_quality_that_falls_is_detected_by_three_signals_only(llmops: Callable[..., Any], tmp_path: Path) -> None:
    """33 s: the arithmetic stands in tests/chaos/reliability/test_breaker.py."""
    ran = llmops("chaos", "replay", falling(tmp_path), "--bad", "300..600", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    report = json.loads(ran.out)
    assert metric(report, "detection_delay_s", breaker="three_signals", span="1")["value"] == 33.0
    assert metric(report, "detection_delay_s", breaker="errors_only", span="1")["value"] is None
    assert metric(report, "breaker_openings", breaker="errors_only")["value"] == 0
    assert metric(report, "false_trips", breaker="three_signals")["value"] == 0
    assert metric(report, "http_availability_ratio")["value"] == 1.0
    assert metric(report, "functional_availability_ratio")["value"] == pytest.approx(0.76)


@pytest.mark.parametrize(("p95", "openings"), [("4.5", 0), ("4.51", 1)])
def test_three_times_the_stated_baseline_does_not_trip(
    llmops: Callable[..., Any], tmp_path: Path, p95: str, openings: int
) -> None:
    trace = written(tmp_path, HEAD + "".join(f"{at},200,{p95},\n" for at in range(100)))
    ran = llmops("chaos", "replay", trace, "--baseline-p95", "1.5", "--format", "json")
    assert metric(json.loads(ran.out), "breaker_openings", breaker="three_signals")["value"] == openings


def test_a_trace_that_does_not_say_when_it_was_bad_measures_no_delay(
    llmops: Callable[..., Any], tmp_path: Path
) -> None:
    ran = llmops("chaos", "replay", falling(tmp_path))
    assert ran.code == 0
    assert "Detection delay and false trips are not measured" in ran.out


def wire(second: int, **more: Any) -> dict[str, Any]:
    base = {
        "schema_version": 1,
        "kind": "wire",
        "at": f"2026-11-25T10:{second // 60:02}:{second % 60:02}Z",
        "provider": "openai",
        "dialect": "openai_chat",
        "ended": "complete",
        "status": 200,
        "upstream_status": 200,
        "duration_s": 0.0,
        "complete": True,
        "finish_reason": "stop",
        "text_characters": 10,
    }
    return {**base, **more}


def journal(tmp_path: Path, *lines: dict[str, Any], name: str = "proxy.jsonl") -> Path:
    return written(tmp_path, "".join(json.dumps(line) + "\n" for line in lines), name)


def receipt(second: int) -> dict[str, Any]:
    kept = {name: value for name, value in wire(second).items() if name in {"schema_version", "at", "provider"}}
    return {**kept, "kind": "receipt", "applied": True}


def test_receipts_of_a_journal_say_when_it_was_bad(llmops: Callable[..., Any], tmp_path: Path) -> None:
    """Errors from 100 on, one a second, after a hundred good ones: at 129 they are 30 of 60, half of the window."""
    errors = [line for at in range(100, 160) for line in (receipt(at), wire(at, status=503))]
    log = journal(tmp_path, *(wire(at) for at in range(100)), *errors)
    report = json.loads(llmops("chaos", "replay", log, "--format", "json").out)
    for breaker in ("three_signals", "errors_only"):
        assert metric(report, "detection_delay_s", breaker=breaker, span="1")["value"] == 29.0


def test_receipts_may_be_in_another_journal(llmops: Callable[..., Any], tmp_path: Path) -> None:
    """A proxy of its own before the one with the faults sees what clients got."""
    front = journal(tmp_path, *(wire(at, status=200 if at < 100 else 503) for at in range(160)))
    back = journal(tmp_path, *(receipt(at) for at in range(100, 160)), name="back.jsonl")
    report = json.loads(llmops("chaos", "replay", front, "--receipts", back, "--format", "json").out)
    assert metric(report, "detection_delay_s", breaker="errors_only", span="1")["value"] == 29.0


def test_a_breaker_is_of_one_provider(llmops: Callable[..., Any], tmp_path: Path) -> None:
    log = journal(tmp_path, wire(1), wire(2, provider="azure"))
    ran = llmops("chaos", "replay", log)
    assert (ran.code, "--provider azure" in ran.err) == (2, True)
    assert llmops("chaos", "replay", log, "--provider", "azure").code == 0


def test_a_sampled_quality_detects_later_and_the_same_each_time(llmops: Callable[..., Any], tmp_path: Path) -> None:
    options = ["--sample", "0.5", "--min-qualities", "20", "--bad", "300..", "--format", "json", "--seed", "3"]
    one, other = (llmops("chaos", "replay", falling(tmp_path), *options) for _ in range(2))
    values = [
        metric(json.loads(ran.out), "detection_delay_s", breaker="three_signals", span="1") for ran in (one, other)
    ]
    assert values[0] == values[1]
    assert values[0]["value"] > 33
    assert json.loads(one.out)["seed"] == 3


@pytest.mark.parametrize(
    ("text", "code"), [("", 3), (HEAD, 3), (HEAD + "noon,200,1,1\n", 3), ("when,status\n1,200\n", 2), ("{}\n", 3)]
)
def test_a_trace_with_nothing_in_it_is_no_data(
    llmops: Callable[..., Any], tmp_path: Path, text: str, code: int
) -> None:
    ran = llmops("chaos", "replay", written(tmp_path, text))
    assert (ran.code, "Traceback" in ran.err) == (code, False)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--bad", "300"),
        ("--bad", "600..300"),
        ("--bad", "noon..300"),
        ("--sample", "0"),
        ("--sample", "1.5"),
        ("--window", "0"),
        ("--error-ratio", "2"),
        ("--latency", "p99"),
        ("--baseline-p95", "0"),
    ],
)
def test_options_that_cannot_be_are_refused(
    llmops: Callable[..., Any], tmp_path: Path, option: str, value: str
) -> None:
    ran = llmops("chaos", "replay", falling(tmp_path), option, value)
    assert (ran.code, "Traceback" in ran.err) == (2, False)


@pytest.mark.parametrize(("bad", "code"), [("700..800", 2), ("-20..-10", 2), ("590..800", 0), ("700..", 2)])
def test_a_stretch_outside_of_the_trace_is_refused_with_where_the_trace_is(
    llmops: Callable[..., Any], tmp_path: Path, bad: str, code: int
) -> None:
    """It could not be detected, whatever the breaker does."""
    ran = llmops("chaos", "replay", falling(tmp_path), f"--bad={bad}")
    assert ran.code == code, ran.err
    if code:
        assert f"--bad {bad} is outside of the trace" in ran.err
        assert "hint:  it goes from 0 to 600" in ran.err


def test_the_times_of_a_trace_of_this_century_are_told_as_times(llmops: Callable[..., Any], tmp_path: Path) -> None:
    log = journal(tmp_path, wire(0), wire(60))
    ran = llmops("chaos", "replay", log, "--bad", "2020-01-01T00:00Z..2020-01-02T00:00Z")
    assert ran.code == 2
    assert "hint:  it goes from 20" in ran.err
    assert "Z to 20" in ran.err
