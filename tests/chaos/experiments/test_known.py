"""Known systems: from `known: litellm` and its settings to a command, files and an environment."""

import sys
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments import known, placeholders
from llmops.chaos.experiments.schema import System
from llmops.errors import BadInput, OutsideFailed, UnknownName

PROVIDERS = ("primary", "backup")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where every system looks installed."""
    monkeypatch.setenv("LLMOPS_SYSTEMS", str(tmp_path))
    for name in known.names():
        (tmp_path / name).mkdir()
        (tmp_path / name / "installed").touch()
    return tmp_path


def resolved(**more: Any) -> System:
    return known.resolved(System(**more))


def test_a_system_that_is_no_known_one_stays_as_it_is() -> None:
    system = System(command=["gateway", "{port}"])
    assert known.resolved(system) is system


@pytest.mark.parametrize("name", known.names())
def test_every_recipe_names_only_what_will_be_filled(name: str, installed: Path) -> None:
    system = resolved(known=name)
    names = placeholders.known_names(PROVIDERS, system.settings, system.env_from)
    texts = [*(system.command or ()), *system.env.values(), *system.headers.values()]
    for text in texts:
        placeholders.check(text, names, only_ours=False)
    for text in system.files.values():
        placeholders.check(text, names, only_ours=True)
    assert str(installed) not in str(known.recipe(name))  # a recipe is of no machine


@pytest.mark.parametrize("name", known.names())
def test_every_system_knows_retries_and_a_timeout(name: str) -> None:
    assert {"num_retries", "timeout_s"} <= known.recipe(name).settings.keys()


def test_settings_go_before_the_defaults_and_times_are_there_in_milliseconds_too(installed: Path) -> None:
    system = resolved(known="portkey", settings={"timeout_s": 2.5})
    assert system.settings["timeout_s"] == 2.5
    assert system.settings["timeout_ms"] == 2500
    assert system.settings["num_retries"] == known.recipe("portkey").settings["num_retries"]
    assert (system.command or [])[2] == f"{installed}/portkey/loopback.cjs"


def test_timers_are_the_settings_that_are_timers_and_not_those_of_0() -> None:
    assert resolved(known="gateway", settings={"timeout_s": 2, "cooldown_s": 0}).timers_s == {"timeout": 2.0}
    both = resolved(known="gateway", settings={"timeout_s": 2, "cooldown_s": 5}).timers_s
    assert both == {"timeout": 2.0, "cooldown": 5.0}


def test_what_the_experiment_says_goes_before_the_recipe() -> None:
    system = resolved(known="gateway", env={"A": "1"}, headers={"x-b": "2"}, timers_s={"timeout": 9.0})
    assert (system.env["A"], system.headers["x-b"], system.timers_s["timeout"]) == ("1", "2", 9.0)
    assert (system.command or [])[:3] == [sys.executable, "-m", "llmops"]
    assert system.known is None


def test_a_file_of_the_experiment_stands_in_for_the_recipes(installed: Path) -> None:
    system = resolved(known="litellm", files={"config.yaml": "model_list: []"})
    assert system.files == {"config.yaml": "model_list: []"}
    assert (system.command or [])[0].startswith(str(installed))


@pytest.mark.parametrize(
    ("system", "complaint", "hint"),
    [
        ({"known": "litelm"}, "no system is known as 'litelm'", "did you mean 'litellm'?"),
        ({"known": "gateway", "settings": {"num_retry": 1}}, "has no setting 'num_retry'", "num_retries"),
        ({"known": "gateway", "settings": {"num_retries": "1"}}, "the setting num_retries is '1'", "such as 1"),
        ({"known": "gateway", "settings": {"num_retries": True}}, "the setting num_retries is True", "such as 1"),
        ({"known": "gateway", "settings": {"ill": 1}}, "the setting ill is 1", "such as ''"),
    ],
)
def test_what_a_system_has_not_is_refused(system: dict[str, Any], complaint: str, hint: str) -> None:
    with pytest.raises(BadInput, match=complaint) as error:
        resolved(**system)
    assert hint in error.value.hint


def test_a_system_that_is_not_installed_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMOPS_SYSTEMS", str(tmp_path))
    assert not known.is_installed("litellm")
    assert known.is_installed("gateway")  # ours
    with pytest.raises(OutsideFailed, match="is not installed") as error:
        resolved(known="litellm")
    assert error.value.hint.startswith("python examples/systems/install.py litellm")


def test_another_system_in_its_place_keeps_the_settings_that_it_has() -> None:
    system = System(known="litellm", settings={"num_retries": 2, "fallback_to": ""}, files={"config.yaml": "x"})
    assert known.instead(system, "portkey") == System(known="portkey", settings={"num_retries": 2})
    assert known.instead(system, "litellm") is system  # with the files that it was given
    with pytest.raises(UnknownName):
        known.instead(system, "nothing")


def test_environments_are_in_the_cache_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLMOPS_SYSTEMS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert known.environment("litellm") == Path("/cache/llmops/systems/litellm")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert known.environment("litellm") == Path.home() / ".cache/llmops/systems/litellm"
