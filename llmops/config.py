"""The file `llmops.yaml`: read once, its top-level keys checked here, each section by the room that owns it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from llmops.errors import BadInput, nearest_hint

if TYPE_CHECKING:
    import yaml
    from pydantic import BaseModel, ValidationError

    M = TypeVar("M", bound=BaseModel)

DEFAULT_FILE = Path("llmops.yaml")
SECTIONS = ("prices", "tco", "chaos", "gates", "gameday", "playbooks", "infra")


def load_config(path: Path | None) -> dict[str, Any]:
    """The sections of a configuration file: of `path`, else of ./llmops.yaml, else none at all.

    BadInput when a named file is missing, is no YAML mapping, or has a key that is not a section.
    """
    if path is None:
        if not DEFAULT_FILE.exists():
            return {}
        path = DEFAULT_FILE
    config = load_yaml(path)
    for key in config:
        if key not in SECTIONS:
            raise BadInput(f"{path}: unknown section {key!r}", hint=nearest_hint(str(key), SECTIONS))
    return config


def load_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. BadInput when it cannot be read, parsed, or is something else."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}", hint="check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error
    return parsed_yaml(text, str(path))


def parsed_yaml(text: str, where: str) -> dict[str, Any]:
    """The mapping in a YAML text, which `where` names. BadInput when it is something else."""
    import yaml

    try:
        loader = yaml_loader(text)
        data = loader.get_single_data()
    except (yaml.YAMLError, RecursionError) as error:
        raise BadInput(
            f"{where} is not valid YAML: {_one_line(str(error))}", hint="check indentation and colons"
        ) from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise BadInput(f"{where} must hold a mapping of keys to values", hint="start with a line such as `tco:`")
    return data


def yaml_loader(text: str) -> "yaml.SafeLoader":
    """Reads a YAML text; a value that cannot be, such as the 30th of February, is an error of YAML with its line."""
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401 - of yaml
            try:
                return super().construct_object(node, deep=deep)
            except (ValueError, ArithmeticError, LookupError) as error:
                value = node.value if isinstance(node, yaml.ScalarNode) else "this"
                said = f"{value!r} cannot be: {error}"
                raise yaml.constructor.ConstructorError(None, None, said, node.start_mark) from error

    return Loader(text)


def validated(model: "type[M]", data: Mapping[str, Any], where: str) -> "M":
    """`data` as a `model`. BadInput that names the key (`where` and its path), with the nearest key as the hint."""
    from pydantic import ValidationError

    if not isinstance(data, Mapping):
        raise BadInput(f"{where} must hold a mapping of keys to values", hint=f"found: {data!r}")
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        raise _bad_section(model, error, where) from error


def _bad_section(model: "type[BaseModel]", error: "ValidationError", where: str) -> BadInput:
    first = error.errors(include_url=False)[0]
    path = ".".join([where, *(str(part) for part in first["loc"])])
    if first["type"] == "extra_forbidden":
        return BadInput(
            f"unknown key {path!r}", hint=nearest_hint(str(first["loc"][-1]), fields_at(model, first["loc"]))
        )
    said = first["msg"].removeprefix("Value error, ")  # pydantic's, before what a validator of ours says
    return BadInput(f"{path}: {said}", hint=f"found: {first['input']!r}")


def fields_at(model: "type[BaseModel]", location: tuple[int | str, ...]) -> list[str]:
    """The keys that are allowed where `location` points: those of the innermost model on the way."""
    from pydantic import BaseModel

    fields = model.model_fields
    for part in location[:-1]:
        field = fields.get(str(part))
        inner = _model_in(field.annotation) if field else None
        if inner is not None and issubclass(inner, BaseModel):
            fields = inner.model_fields
    return [info.alias or name for name, info in fields.items()]


def _model_in(annotation: Any) -> Any:  # noqa: ANN401 - a type annotation is anything
    """The pydantic model inside an annotation such as `list[M]`, `dict[str, M]` or `M | None`."""
    from typing import get_args

    if hasattr(annotation, "model_fields"):
        return annotation
    return next((model for arg in get_args(annotation) if (model := _model_in(arg))), None)


def _one_line(text: str) -> str:
    return " ".join(text.split())
