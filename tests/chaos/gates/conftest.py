"""Results as our commands write them: a run of scenarios, and a load. All good, for tests to spoil."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.gates.results.reading import Usable, read_result
from llmops.chaos.intervals import wilson
from llmops.errors import ExitCode
from llmops.renderers.json import Json
from llmops.report import (
    Interval,
    Metric,
    Report,
    Scenario,
    ScenarioCheck,
    ScenarioReceipts,
    Verdict,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CODES = {"PASS": ExitCode.PASS, "FAIL": ExitCode.FAILED, "INVALID": ExitCode.NO_DATA}
FACTS = ("success_ratio", "functional_success_ratio", "rescued_ratio")
NEVER = ("hang_ratio", "storm_ratio", "laundered_ratio", "masked_error_ratio", "wrong_model_ratio")


def ratio(name: str, count: int, n: int, **scope: str) -> Metric:
    interval = Interval(*wilson(count, n), 0.95) if n else None
    return Metric(name, count / n if n else None, n, interval, scope, count, n)


def seconds(
    name: str, value: float | None, low: float | None, high: float | None, n: int = 200, **scope: str
) -> Metric:
    return Metric(name, value, n, Interval(low, high, 0.95), scope)


def scenario(name: str = "stream-cut", verdict: Any = "PASS", reason: str = "1 of 1 expectations hold") -> Scenario:
    check = ScenarioCheck("laundered", verdict, reason, 80, 0.0, 0.0, "at_most", "ratio", 0.0, 0.046)
    return Scenario(name, name, verdict, reason, [check], {"rescued": 80}, ScenarioReceipts(80, 80, 80))


def run_metrics(name: str = "stream-cut", n: int = 80, **counts: int) -> list[Metric]:
    facts = {**dict.fromkeys(FACTS, n), **dict.fromkeys(NEVER, 0), **counts}
    found = [ratio(each, count, n, scenario=name) for each, count in facts.items()]
    scope, mean = {"scenario": name}, 2.0 if n else None
    found.append(Metric("mean_attempts", mean, n, scope=scope, numerator=2 * n, denominator=n))
    found.append(Metric("time_to_detect_s", 0.05, scope=scope))
    found.append(Metric("scenario_cost_usd", None, scope=scope))
    return found


def run_report(**changes: Any) -> Report:
    """`llmops chaos run` of one scenario of 80 requests, all rescued."""
    started_at = changes.pop("started_at", NOW - timedelta(hours=1))
    report = Report(
        kind="chaos-run",
        id="chaos-run-now",
        started_at=started_at,
        finished_at=started_at + timedelta(minutes=1),
        tool_version="0.1.0",
        title="Failover under faults",
        verdict=Verdict("PASS", "1 scenario: 1 PASS"),
        metrics=run_metrics(),
        scenarios=[scenario()],
    )
    return replace(report, **changes)


def load_report(**changes: Any) -> Report:
    """`llmops load` of 200 calls to two models."""
    started_at = changes.pop("started_at", NOW - timedelta(hours=1))
    whole = [
        Metric("requests", 200),
        ratio("failed_requests_ratio", 2, 200),
        seconds("ttft_p95_s", 0.5, 0.45, 0.55),
        Metric("ttft_p99_s", 0.7, 200, Interval(0.6, None, 0.95)),
        Metric("e2e_mean_s", 2.0, 200),
        Metric("usd_per_1k_requests", Decimal("3.9912"), 200),
        Metric("goodput_per_second", 4.5, 200),
    ]
    models = [
        seconds("ttft_p95_s", 0.45, 0.4, 0.5, n=100, model="gpt-4o"),
        seconds("ttft_p95_s", 0.55, 0.5, 0.65, n=100, model="gpt-4o-mini"),
        Metric("catalogue_cost_usd", Decimal("60.00"), 100, scope={"team": "search"}),
        Metric("catalogue_cost_usd", Decimal("61.00"), 100, scope={"team": "support"}),
    ]
    report = Report(
        kind="load",
        id="load-now",
        started_at=started_at,
        finished_at=started_at + timedelta(minutes=1),
        tool_version="0.1.0",
        title="Load",
        metrics=[*whole, *models],
    )
    return replace(report, **changes)


def with_metrics(report: Report, *metrics: Metric) -> Report:
    """The same with these in place of those of the same name and scope, or added."""
    keys = {(one.name, frozenset(one.scope.items())) for one in metrics}
    kept = [one for one in report.metrics if (one.name, frozenset(one.scope.items())) not in keys]
    return replace(report, metrics=[*kept, *metrics])


def data_of(report: Report) -> dict[str, Any]:
    """A report as its JSON says it."""
    data: dict[str, Any] = json.loads(Json().render(report))
    return data


@pytest.fixture(autouse=True)
def _no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may themselves run in GitHub's runners."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def usable(tmp_path: Path) -> Callable[[Report], Usable]:
    """A report through its file, as a gate reads it at noon of 2026-11-25."""

    def read(report: Report, name: str = "result.json") -> Usable:
        (tmp_path / name).write_text(Json().render(report), encoding="utf-8")
        found = read_result(tmp_path / name, NOW)
        assert isinstance(found, Usable), found
        return replace(found, file=name)

    return read


@pytest.fixture
def make() -> SimpleNamespace:
    """What makes reports and their parts: test folders are no packages, so that nothing is imported."""
    return SimpleNamespace(
        run=run_report,
        load=load_report,
        run_metrics=run_metrics,
        scenario=scenario,
        ratio=ratio,
        seconds=seconds,
        with_metrics=with_metrics,
        data=data_of,
        now=NOW,
        verdict=lambda word, because="why": Verdict(word, because, exit_code=CODES[word]),
    )
