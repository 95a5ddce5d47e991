"""From a YAML file to an experiment; whatever is wrong is told with the file and the line."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmops.chaos.experiments.schema import Experiment, Wrong, experiment_from
from llmops.config import yaml_loader
from llmops.errors import BadInput

if TYPE_CHECKING:
    import yaml

Path_ = tuple[int | str, ...]
"""Where something stands in a file: `("phases", 0, "faults")`."""
MAX_NODES = 100_000  # aliases of aliases grow without bound


@dataclass(frozen=True)
class Source:
    """A file's name and the line of each part of it."""

    file: str
    lines: Mapping[Path_, int] = field(default_factory=dict)

    def line(self, path: Path_) -> int | None:
        """The line of this part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def at(self, *path: int | str) -> str:
        line = self.line(path)
        return self.file if line is None else f"{self.file}:{line}"

    def refusal(self, message: str, *path: int | str, hint: str = "") -> BadInput:
        """What is wrong, after its file and line."""
        return BadInput(f"{self.at(*path)}: {message}", hint=hint)


def load_experiment(path: Path) -> tuple[Experiment, Source]:
    """The experiment in a file. BadInput that names file and line."""
    text = read_text(path)
    data, source = parse(text, str(path))
    experiment = experiment_of(data, source)
    if experiment.name != path.stem:
        raise source.refusal(
            f"the experiment is named {experiment.name!r} and its file {path.name!r}", "name", hint="let them be equal"
        )
    return experiment, source


def parse(text: str, file: str) -> tuple[dict[str, Any], Source]:
    """The mapping in a YAML text, and the line of each of its parts. BadInput."""
    import yaml

    loader = yaml_loader(text)
    try:
        node = loader.get_single_node()
        built = _Builder(loader, file)
        data = {} if node is None else built.value(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}:{mark.line + 1}" if mark else file
        raise BadInput(
            f"{where}: this is no YAML: {error.problem or error.context}", hint="check indentation and colons"
        ) from error
    except yaml.YAMLError as error:
        raise BadInput(f"{file} is no YAML: {' '.join(str(error).split())}", hint="save it as UTF-8 text") from error
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise BadInput(f"{file} must hold a mapping of keys to values", hint="start with `schema_version: 1`")
    return data, Source(file, built.lines)


def experiment_of(data: Mapping[str, Any], source: Source) -> Experiment:
    """BadInput that names the line of the first key or value that cannot be."""
    try:
        return experiment_from(data)
    except Wrong as wrong:
        raise source.refusal(str(wrong), *wrong.path, hint=wrong.hint) from wrong


class _Builder:
    """Builds the data of YAML nodes, and notes the lines."""

    def __init__(self, loader: "yaml.SafeLoader", file: str) -> None:
        self._loader, self._file = loader, file
        self.lines: dict[Path_, int] = {}
        self._open: list[int] = []  # ids of the nodes around: one that is inside itself has no end

    def value(self, node: "yaml.Node", path: Path_) -> Any:  # noqa: ANN401 - what YAML holds
        import yaml

        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._open or len(self.lines) > MAX_NODES:
            raise BadInput(f"{self._where(node)}: aliases without end", hint="write it out")
        self._open.append(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
            return self._loader.construct_object(node)
        finally:
            self._open.pop()

    def _mapping(self, node: "yaml.MappingNode", path: Path_) -> dict[Hashable, Any]:
        built: dict[Hashable, Any] = {}
        own = {id(key_node) for key_node, _ in node.value}
        said: set[Hashable] = set()
        self._loader.flatten_mapping(node)  # what `<<` brings stands first, and may be said anew
        for key_node, value_node in node.value:
            key = self._loader.construct_object(key_node)
            if not isinstance(key, str):
                raise BadInput(f"{self._where(key_node)}: the key {key!r} is no text", hint="quote it")
            if key in said:
                raise BadInput(f"{self._where(key_node)}: {key!r} is there twice", hint="take one away")
            if id(key_node) in own:
                said.add(key)
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            built[key] = self.value(value_node, (*path, key))
        return built

    def _where(self, node: "yaml.Node") -> str:
        return f"{self._file}:{node.start_mark.line + 1}"


def read_text(path: Path) -> str:
    """The text of a file. BadInput."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}", hint="check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error
