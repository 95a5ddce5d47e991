"""Names to things: one file per thing, found by looking in the folder."""

import ast
import importlib
import importlib.util
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from llmops.errors import UnknownName, nearest_hint

T = TypeVar("T")


class Registry(Generic[T]):
    """The things of one kind: every file of some packages, `base.py` excepted, is one thing.

    The name is the file's name; the help line is the first line of its docstring, read without importing it;
    the thing itself is the class of the same name in CamelCase, imported only when it is asked for.
    """

    def __init__(self, kind: str, *packages: str, listed_by: str = "") -> None:
        self.kind = kind
        self._listed_by = listed_by  # the command that lists the names
        self._packages = packages

    def names(self) -> list[str]:
        """All names, sorted. ValueError when two files claim the same name."""
        return sorted(self._files)

    def help(self, name: str) -> str:
        """The first line of the docstring of the thing's file."""
        docstring = ast.get_docstring(ast.parse(self._file(name)[1].read_text(encoding="utf-8"))) or ""
        return docstring.partition("\n")[0]

    def get(self, name: str) -> type[T]:
        """The class of that name. UnknownName, with the nearest name as the hint, where there is none."""
        module = importlib.import_module(self._file(name)[0])
        thing: type[T] = getattr(module, _camel_case(module.__name__.rpartition(".")[2]))
        return thing

    def _file(self, name: str) -> tuple[str, Path]:
        if name not in self._files:
            hint = nearest_hint(name, self._files, listed_by=self._listed_by)
            raise UnknownName(f"no {self.kind} is named {name!r}", hint=hint)
        return self._files[name]

    @cached_property
    def _files(self) -> dict[str, tuple[str, Path]]:
        files: dict[str, tuple[str, Path]] = {}
        for package in self._packages:
            for path in _modules_of(package):
                if path.stem in files:
                    raise ValueError(f"two {self.kind}s are named {path.stem!r}: {files[path.stem][1]} and {path}")
                files[path.stem] = (f"{package}.{path.stem}", path)
        return files


def _modules_of(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{package!r} is not a package")
    folder = Path(next(iter(spec.submodule_search_locations)))
    return sorted(path for path in folder.glob("*.py") if path.stem not in {"__init__", "base"})


def _camel_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
