"""Systems whose recipe we have: `known: litellm` and its settings become a command, files and an environment."""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmops.chaos.experiments.schema import System
from llmops.errors import BadInput, OutsideFailed, UnknownName, nearest_hint

FOLDER = Path(__file__).with_name("systems")
OURS = ("settings", "files", "env", "headers", "timers_s")  # of the experiment: each entry goes before the recipe's
INSTALLER = "python examples/systems/install.py"


@dataclass(frozen=True)
class Recipe:
    """How a known system is started, in the words of the form's `system:`."""

    name: str
    title: str
    version: str
    timers: tuple[str, ...]  # the settings that are timers of the system; 0 is none
    settings: Mapping[str, Any]  # with their defaults
    system: Mapping[str, Any]

    @property
    def is_installed_apart(self) -> bool:
        """Whether it lives in an environment of its own."""
        return any("{environment}" in word for word in self.system["command"])


def names() -> list[str]:
    """All known systems, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def recipe(name: str) -> Recipe:
    """UnknownName, with the nearest one as the hint."""
    if name not in names():
        raise UnknownName(f"no system is known as {name!r}", hint=nearest_hint(name, names()))
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Recipe(name, data["title"], data["version"], tuple(data["timers"]), data["settings"], data["system"])


def resolved(system: System) -> System:
    """The same system as a command. BadInput for a setting it has not, OutsideFailed where it is not installed."""
    if system.known is None:
        return system
    found = recipe(system.known)
    settings = {**found.settings, **_checked(system.settings, found)}
    timers = {timer.removesuffix("_s"): float(settings[timer]) for timer in found.timers if settings[timer]}
    ours = {name: getattr(system, name) for name in OURS}
    theirs = {**found.system, "settings": {**settings, **_milliseconds(settings)}, "timers_s": timers}
    merged = {name: {**theirs.get(name, {}), **ours[name]} for name in OURS}
    places = {"{environment}": str(_environment(found)), "{python}": sys.executable}
    return System.model_validate(
        {
            **_placed(theirs, places),
            **_placed(merged, places),
            "env_from": system.env_from,
            **({} if system.ready is None else {"ready": system.ready}),
        }
    )


def instead(system: System, name: str) -> System:
    """Another known system in its place, with those of its settings that the other has too. UnknownName."""
    has = recipe(name).settings
    if name == system.known:
        return system
    return System(known=name, settings={key: value for key, value in system.settings.items() if key in has})


def environment(name: str) -> Path:
    """Where a system is installed; examples/systems/install.py knows the same place."""
    if given := os.environ.get("LLMOPS_SYSTEMS"):
        return Path(given) / name
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llmops" / "systems" / name


def is_installed(name: str) -> bool:
    """Whether it can be started here. UnknownName."""
    return not recipe(name).is_installed_apart or (environment(name) / "installed").is_file()


def _environment(found: Recipe) -> Path:
    if not is_installed(found.name):
        hint = f"{INSTALLER} {found.name}, in a checkout of llmops"
        raise OutsideFailed(f"{found.title} {found.version} is not installed", hint=hint)
    return environment(found.name)


def _checked(settings: Mapping[str, Any], found: Recipe) -> Mapping[str, Any]:
    for name, value in settings.items():
        if name not in found.settings:
            hint = nearest_hint(name, found.settings)
            raise BadInput(f"{found.title} has no setting {name!r}", hint=hint)
        default = found.settings[name]
        kinds = (int, float) if isinstance(default, int | float) else (type(default),)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise BadInput(f"the setting {name} is {value!r}", hint=f"such as {default!r}")
    return settings


def _milliseconds(settings: Mapping[str, Any]) -> dict[str, int]:
    """Each time in milliseconds too, for systems that count so."""
    times = {name: value for name, value in settings.items() if name.endswith("_s") and not isinstance(value, str)}
    return {f"{name.removesuffix('_s')}_ms": round(value * 1000) for name, value in times.items()}


def _placed(value: Any, places: Mapping[str, str]) -> Any:  # noqa: ANN401 - the form's own values
    """The same with the places of this machine in it."""
    if isinstance(value, str):
        for name, place in places.items():
            value = value.replace(name, place)
        return value
    if isinstance(value, Mapping):
        return {name: _placed(each, places) for name, each in value.items()}
    return [_placed(each, places) for each in value] if isinstance(value, list) else value
