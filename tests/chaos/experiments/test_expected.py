"""Expected verdicts: the data is whole, and every difference is named."""

from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments import expected as module
from llmops.chaos.experiments import known, shipped
from llmops.chaos.experiments.expectations import expectations_of
from llmops.chaos.experiments.expected import Expected, differences, expected, failing, measured
from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.plan import plan_of
from llmops.errors import NoData

WANTED = {"cut": Expected("FAIL", "p1", ("laundered", "fallback_used[closed]")), "down": Expected("PASS", "p2 b1")}


def check(name: str, verdict: str, *phases: str) -> dict[str, Any]:
    return {"name": name, "verdict": verdict, "phases": list(phases)}


def scenario(name: str, verdict: str, *checks: dict[str, Any], reason: str = "so it is") -> dict[str, Any]:
    return {"name": name, "verdict": verdict, "reason": reason, "checks": list(checks)}


CUT = scenario(
    "cut", "FAIL", check("laundered", "FAIL"), check("fallback_used", "FAIL", "closed"), check("hang", "PASS")
)


def test_what_is_as_expected_differs_in_nothing() -> None:
    assert differences([CUT, scenario("down", "PASS", check("hang", "PASS"))], WANTED) == []


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (scenario("down", "FAIL"), "down: FAIL, expected PASS: so it is"),
        (scenario("cut", "INVALID", reason="the baseline"), "cut: INVALID, expected FAIL: the baseline"),
        (scenario("new", "PASS"), "new: PASS, and nothing is expected of it"),
        (
            scenario("cut", "FAIL", *CUT["checks"][:2], check("hang", "FAIL")),
            "cut: hang fails, and is expected to hold",
        ),
        (scenario("cut", "FAIL", CUT["checks"][0]), "cut: fallback_used[closed] holds, and is expected to fail"),
    ],
)
def test_every_difference_is_named(found: dict[str, Any], sentence: str) -> None:
    assert differences([found], WANTED) == [sentence]


def test_an_invalid_run_is_expected_for_its_reason_only() -> None:
    wanted = {"both": Expected("INVALID", "p1", because="never fired")}
    assert differences([scenario("both", "INVALID", reason="fault on backup never fired")], wanted) == []
    assert len(differences([scenario("both", "INVALID", reason="the baseline is not healthy")], wanted)) == 1


def test_checks_that_fail_are_named_with_their_phases() -> None:
    assert failing(CUT) == ["laundered", "fallback_used[closed]"]


@pytest.mark.parametrize("system", measured())
def test_the_data_speaks_of_shipped_scenarios_and_of_checks_that_they_have(system: str) -> None:
    assert system in known.names()
    for name, each in expected(system).items():
        experiment, source = load_experiment(shipped.file_of(name))
        phases = {phase.name for phase in experiment.phases}
        has = {one.name for one in expectations_of(experiment, source)}
        for fail in each.fails:
            check_name, _, phase = fail.partition("[")
            assert check_name in has, f"{system}: {name} has no {check_name}"
            assert not phase or phase.rstrip("]") in phases
        assert each.evidence, f"{system}: {name} has no evidence"
        assert bool(each.fails) == (each.verdict == "FAIL")
        assert bool(each.because) == (each.verdict == "INVALID")


def test_every_shipped_scenario_was_measured_on_some_system() -> None:
    seen = {name for system in measured() for name in expected(system)}
    assert sorted(seen) == shipped.names()


def test_what_was_measured_in_another_version_is_no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "litellm.toml").write_text('version = "1.82.7"\n[scenarios]\n', encoding="utf-8")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(NoData, match=r"measured in version 1\.82\.7"):
        expected("litellm")
    with pytest.raises(NoData, match="nobody has measured portkey"):
        expected("portkey")


@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_scenario_can_be_run_with_the_speed_it_was_measured_with(name: str) -> None:
    speeds = {expected(system)[name].speed for system in measured() if name in expected(system)}
    assert len(speeds) == 1
    experiment, source = load_experiment(shipped.file_of(name))
    assert experiment.title
    assert experiment.sources
    on_ours = experiment.model_copy(update={"system": known.instead(experiment.system, "gateway")})
    plan = plan_of(on_ours, source, speed=speeds.pop())
    assert sum(step.duration_s for step in plan.steps) < 120
