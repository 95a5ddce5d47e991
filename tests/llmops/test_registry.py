"""Names to things, found by looking in the folder."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmops.errors import UnknownName
from llmops.registry import Registry


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Path]:
    """An importable, empty package of its own for each test; its name is the folder's."""
    folder = tmp_path / f"things_of_{request.node.name}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for module in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[module]


def add(package: Path, name: str, source: str = "") -> None:
    (package / f"{name}.py").write_text(f'"""Help of {name}.\n\nMore of it."""\n{source}', encoding="utf-8")


def registry(package: Path, *more: Path) -> Registry[object]:
    return Registry("thing", package.name, *(folder.name for folder in more))


def test_names_are_the_names_of_the_files_sorted(package: Path) -> None:
    add(package, "zebra")
    add(package, "ant_eater")
    assert registry(package).names() == ["ant_eater", "zebra"]


def test_base_and_init_are_no_things(package: Path) -> None:
    add(package, "base")
    assert registry(package).names() == []


def test_the_help_line_is_the_first_line_of_the_docstring(package: Path) -> None:
    add(package, "zebra")
    assert registry(package).help("zebra") == "Help of zebra."


def test_a_thing_is_the_class_in_camel_case(package: Path) -> None:
    add(package, "ant_eater", "class AntEater: ...\nclass Zebra: ...")
    assert registry(package).get("ant_eater").__name__ == "AntEater"


def test_a_thing_is_imported_only_when_it_is_asked_for(package: Path) -> None:
    add(package, "zebra", "class Zebra: ...")
    add(package, "broken", "raise RuntimeError('imported')")
    things = registry(package)
    assert things.names() == ["broken", "zebra"]
    assert things.help("broken") == "Help of broken."
    assert things.get("zebra")
    assert f"{package.name}.broken" not in sys.modules
    with pytest.raises(RuntimeError, match="imported"):
        things.get("broken")


@pytest.mark.parametrize("ask", ["get", "help"])
def test_a_typo_is_answered_with_the_nearest_name(package: Path, ask: str) -> None:
    add(package, "truncated_answer")
    with pytest.raises(UnknownName, match="no thing is named 'truncated_anwser'") as caught:
        getattr(registry(package), ask)("truncated_anwser")
    assert caught.value.hint == "did you mean 'truncated_answer'?"


def test_two_files_of_one_name_are_refused(package: Path, tmp_path: Path) -> None:
    other = tmp_path / f"{package.name}_too"
    other.mkdir()
    (other / "__init__.py").touch()
    add(package, "zebra")
    add(other, "zebra")
    with pytest.raises(ValueError, match="two things are named 'zebra'"):
        registry(package, other).names()


def test_a_registry_of_no_package_is_refused(package: Path) -> None:
    with pytest.raises(ValueError, match="is not a package"):
        Registry("thing", f"{package.name}_that_is_not_there").names()
