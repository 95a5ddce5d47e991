"""The templates by name: ours, and before them those of a folder of the user's."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmops.errors import BadInput, UnknownName, nearest_hint
from llmops.playbooks.head import Headed, headed
from llmops.playbooks.schema import TemplateForm, form_of

ENDING = ".md.j2"
OURS = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Template:
    """One template, read."""

    name: str
    file: str
    form: TemplateForm
    parts: Headed

    def at(self, *keys: str) -> str:
        """File and line of a key of its head."""
        return f"{self.file}:{self.parts.line_of(*keys)}"

    def in_body(self, line: int | None) -> str:
        """File and line of a line of its body, counted from 1."""
        return self.file if line is None else f"{self.file}:{self.parts.body_line + line - 1}"


def template(name: str, folder: Path | None) -> Template:
    """The template of that name. UnknownName with the nearest; BadInput where its head is not as it must be."""
    files = _files(folder)
    if name not in files:
        raise UnknownName(f"no template is named {name!r}", hint=nearest_hint(name, files))
    return _read(files[name])


def templates(folder: Path | None) -> Iterator[Template]:
    """All of them, by name."""
    return (_read(file) for _, file in sorted(_files(folder).items()))


def is_ours(found: Template) -> bool:
    return Path(found.file).parent == OURS


def names(folder: Path) -> list[str]:
    """Of the templates in a folder."""
    return sorted(file.name.removesuffix(ENDING) for file in folder.glob(f"*{ENDING}"))


def _files(folder: Path | None) -> dict[str, Path]:
    if folder is not None and not folder.is_dir():
        raise BadInput(f"{folder} is no folder of templates", hint=f"templates are files NAME{ENDING} in it")
    folders = [OURS] if folder is None else [OURS, folder]
    return {file.name.removesuffix(ENDING): file for each in folders for file in sorted(each.glob(f"*{ENDING}"))}


def _read(file: Path) -> Template:
    try:
        parts = headed(file.read_text(encoding="utf-8"), f"{file}:1")
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}", hint="check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text", hint="save it as UTF-8") from error
    if not parts.head_lines:
        raise BadInput(f"{file}:1: the template has no head", hint="begin with `---`, title, what and inputs, `---`")
    form = form_of(parts.head, lambda *keys: f"{file}:{parts.line_of(*keys)}")
    return Template(file.name.removesuffix(ENDING), str(file), form, parts)
