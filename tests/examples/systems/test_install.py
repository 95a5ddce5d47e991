"""The installer of systems under test: idempotent, pinned, and honest about what is missing. Nothing is downloaded."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from llmops.chaos.experiments import known

SYSTEMS = Path(__file__).parents[3] / "examples/systems"


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", SYSTEMS / "install.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def made(environment: Path) -> None:
        (environment / "made").touch()

    for name in ("_with_pip", "_with_npm"):
        monkeypatch.setattr(module, name, made)
    return module


def test_the_recipes_and_the_installer_know_the_same_place(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variables in ({"LLMOPS_SYSTEMS": "/a"}, {"XDG_CACHE_HOME": "/b"}, {}):
        for name in ("LLMOPS_SYSTEMS", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert install.systems_folder() / "litellm" == known.environment("litellm")


def test_every_system_that_lives_apart_can_be_installed_and_no_other(install: ModuleType) -> None:
    assert install.names() == [name for name in known.names() if known.recipe(name).is_installed_apart]


@pytest.mark.parametrize("name", ["litellm", "openai_sdk", "portkey"])
def test_it_installs_once_and_again_when_a_file_has_changed(
    name: str, install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, seconds = install.installed(name, tmp_path)
    assert seconds is not None
    (environment / "made").unlink()
    assert install.installed(name, tmp_path) == (environment, None)
    assert not (environment / "made").exists()
    monkeypatch.setattr(install, "fingerprint", lambda _: "another")
    assert install.installed(name, tmp_path)[1] is not None
    assert (environment / "made").exists()


def test_an_installation_that_was_interrupted_is_begun_anew(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(install, "_with_pip", interrupted)
    with pytest.raises(KeyboardInterrupt):
        install.installed("litellm", tmp_path)
    monkeypatch.setattr(install, "_with_pip", lambda _: None)
    assert install.installed("litellm", tmp_path)[1] is not None


def test_an_application_has_what_serves_it_beside_it(install: ModuleType, tmp_path: Path) -> None:
    environment, _ = install.installed("openai_sdk", tmp_path)
    assert {"app.py", "serving.py", "requirements.txt"} <= {path.name for path in environment.iterdir()}


def test_without_node_its_systems_are_missing_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("install", SYSTEMS / "install.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "_with_pip", lambda _: None)
    monkeypatch.setattr(module.shutil, "which", lambda _: None)
    monkeypatch.setenv("LLMOPS_SYSTEMS", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["install.py"])
    assert module.main() == 4
    monkeypatch.setattr("sys.argv", ["install.py", "--skip-missing"])
    assert module.main() == 0
    assert "portkey: needs Node.js 20 or newer" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["litellm", "openai_sdk", "anthropic_sdk"])
def test_python_pins_are_exact_and_of_the_version_that_the_recipe_names(name: str) -> None:
    lines = (SYSTEMS / name / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][\w.]*", line)] == []
    package = name.removesuffix("_sdk")
    assert f"{package}=={known.recipe(name).version}" in pins


def test_node_pins_are_locked_by_hash_and_name_no_registry() -> None:
    text = (SYSTEMS / "portkey/package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert all(package.get("integrity") for path, package in packages.items() if path)
    assert "resolved" not in text
    assert packages["node_modules/@portkey-ai/gateway"]["version"] == known.recipe("portkey").version
    assert packages["node_modules/hono"]["version"] == "4.9.7"
    assert packages["node_modules/@hono/node-server"]["version"] == "1.13.8"  # with a newer one every stream is a 500
